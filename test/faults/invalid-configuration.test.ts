// Two hundred wrong configurations, each offered to a running daemon: refused with the place and the reason, and the one before
// stays in force.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import { ConfigError } from '../../src/config/config-error.ts'
import { readDocument } from '../../src/config/load.ts'
import { ask } from '../build/http.ts'
import { seeded, testSeed } from '../build/random.ts'
import { smallDaemon, smallDocument } from '../build/small-daemon.ts'
import { isFull, proved } from './proof.ts'

const fuzzed = isFull ? 5_000 : 300
const example = readFileSync(join(import.meta.dirname, '..', '..', 'config', 'leeway.yaml'), 'utf8')

/** Mistakes that people make, and where the answer must point to. */
const mistakes: ReadonlyArray<readonly [string, RegExp]> = [
  ['', /a map of settings/],
  ['apiVersion: leeway/v1', /sources/],
  [smallDocument().replace('leeway/v1', 'leeway/v2'), /apiVersion/],
  [smallDocument().replace('models:', 'model:'), /model/],
  [smallDocument().replace('sources:', '\tsources:'), /not YAML/],
  [`${smallDocument()}\n  - x: [`, /not YAML/],
  [`${smallDocument()}\n${smallDocument()}`, /not YAML/],
  [smallDocument().replace('{source: history,', '{source: histry,'), /models\.small\.source.*history/],
  [smallDocument().replace('task: binary', 'task: binery'), /models\.small\.task.*binary/],
  [smallDocument().replace('task: binary, ', ''), /models\.small\.task/],
  [smallDocument().replace('size: 6h', 'size: 6 hours'), /models\.small\.windows\[0\]\.size/],
  [smallDocument().replace('size: 6h', 'size: 0h'), /windows\[0\]/],
  [smallDocument().replace('slide: 1h', 'slide: 7h'), /windows\[0\]/],
  [smallDocument().replace('slide: 1h', 'slide: -1h'), /windows\[0\]\.slide/],
  [smallDocument().replace('windows: [', 'windows: [{size: 6h, slide: 1h}, '), /windows/],
  [smallDocument().replace('type: file', 'type: fil'), /sources\.history/],
  [smallDocument().replace('production.csv', 'production.txt'), /sources\.history\.path/],
  [smallDocument().replace('id: id, ', ''), /sources\.history\.events\.id/],
  [smallDocument().replace('reference.csv', 'reference'), /models\.small\.reference/],
  [smallDocument({ model: ', minSamples: -1' }), /minSamples/],
  [smallDocument({ model: ', minSamples: 1.5' }), /minSamples/],
  [smallDocument({ model: ', minSample: 1' }), /minSample.*minSamples/],
  [smallDocument({ model: ', falseAlarmBudget: none' }), /falseAlarmBudget/],
  [smallDocument({ model: ', labels: {horizon: forever}' }), /labels\.horizon/],
  [smallDocument({ model: ', labels: {minCoverage: 2}' }), /labels\.minCoverage/],
  [smallDocument({ model: ', performance: {metrics: [rocauc]}' }), /performance\.metrics/],
  [smallDocument({ model: ', performance: {alarm: {roc_auc: {fall: 1}}}' }), /performance\.alarm/],
  [smallDocument({ model: ', conceptDrift: {detector: magic}' }), /conceptDrift/],
  [smallDocument({ model: ', columns: {age: number}' }), /columns\.age/],
  [smallDocument({ model: ', columns: {wage: numeric}' }), /columns\.wage/],
  [smallDocument({ model: ', baseline: monthly' }), /baseline/],
  [smallDocument({ model: ', drift: {method: evidently/none}' }), /drift/],
  [smallDocument({ rest: 'channels:\n  a: {type: pigeon}\n' }), /channels\.a/],
  [smallDocument({ rest: 'channels:\n  a: {type: slack, token: xoxb-1, channel: "#a"}\n' }), /channels\.a/],
  [smallDocument({ rest: 'channels:\n  a: {type: webhook, url: "ftp://x", secretFile: s}\n' }), /channels\.a\.url/],
  [
    smallDocument({ rest: 'channels:\n  a: {type: webhook, url: "http://10.0.0.1/x", secretFile: s}\n' }),
    /channels\.a\.url/,
  ],
  [smallDocument({ rest: 'routes: [{to: [nobody]}]\n' }), /routes\[0\]\.to/],
  [smallDocument({ rest: 'routes: [{match: {severity: awful}, to: []}]\n' }), /routes\[0\]/],
  [
    smallDocument({ rest: 'retraining:\n  other: {target: webhook, url: "https://x.example/"}\n' }),
    /retraining\.other/,
  ],
]

type Random = () => number
const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

/** Every map and list in a document, with the keys that lead to it. */
function* placesOf(value: unknown, path: readonly (string | number)[] = []): Iterable<readonly (string | number)[]> {
  if (typeof value !== 'object' || value === null) return
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    yield [...path, key]
    yield* placesOf((value as Record<string | number, unknown>)[key], [...path, key])
  }
}

const values: readonly unknown[] = [
  null,
  true,
  -1,
  Number.POSITIVE_INFINITY,
  1.5,
  '',
  'x',
  '5 mins',
  '\u0000',
  '\ud800',
  '../../etc/passwd',
  'x'.repeat(5_000),
  [],
  {},
  [[]],
  { constructor: 1 },
  ['a', 'a'],
]

/** Breaks one to three places: another value, a key gone, a key more, a key misspelt. */
function broken(text: string, random: Random): string {
  const document = parse(text)
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
    const path = pick(random, [...placesOf(document)])
    const key = path.at(-1) as string | number
    const parent = path.slice(0, -1).reduce((value, step) => value[step], document)
    const kind = random()
    if (kind < 0.5) parent[key] = pick(random, values)
    else if (Array.isArray(parent)) parent.splice(Number(key), 1)
    else if (kind < 0.65) delete parent[key]
    else if (kind < 0.8)
      parent[pick(random, ['__proto__x', 'constructor', 'extra', 'type', `${key}s`])] = pick(random, values)
    else {
      parent[`${String(key).slice(0, -1)}`] = parent[key]
      delete parent[key]
    }
  }
  const written = stringify(document)
  // Now and then the text itself is damaged.
  if (random() < 0.9) return written
  const at = Math.floor(random() * written.length)
  return (
    written.slice(0, at) +
    pick(random, ['\t', ': :', '{', '"', '\u0000', '&a *a', '!!js/function x', '- -']) +
    written.slice(at)
  )
}

test(`${mistakes.length} mistakes of people and ${fuzzed} damaged documents: each is refused with place and reason, or wholly in force`, {
  timeout: 600_000,
}, async (t) => {
  const small = await smallDaemon()
  t.after(() => small.stop())
  await small.ended
  const random = seeded(testSeed())
  const configuration = async () => JSON.parse((await ask(small.port, '/api/v1/configuration')).text)
  const offer = async (text: string) => {
    small.write(text)
    const { status, text: answer } = await small.as('operator', '/api/v1/reload', { method: 'POST' })
    return { status, body: JSON.parse(answer) }
  }
  const good = smallDocument()
  await offer(good)
  const { hash } = await configuration()
  for (const [text, place] of mistakes) {
    const { status, body } = await offer(text)
    assert.equal(status, 422, text)
    assert.match(body.error.message, place)
    for (const { message, file } of body.error.problems)
      assert.ok(message.length > 10 && /leeway\.yaml$/.test(file ?? 'leeway.yaml'))
    assert.equal((await configuration()).hash, hash)
  }
  let refused = mistakes.length
  for (let i = 0; i < fuzzed; i++) {
    const text = broken(good, random)
    const before = (await configuration()).hash
    const { status, body } = await offer(text)
    const after = (await configuration()).hash
    if (status === 200) {
      assert.equal(after, body.hash)
      assert.equal((await offer(good)).status, 200)
      continue
    }
    refused++
    assert.equal(status, 422, `${status} for\n${text}`)
    assert.equal(after, before)
    assert.ok(
      body.error.message.length > 10 && !/ {4}at |Invalid input$|\[object/.test(body.error.message),
      body.error.message,
    )
  }
  assert.ok(refused >= 200, `${refused} were refused`)
  assert.equal((await ask(small.port, '/healthz')).status, 200)
  const windows = small.daemon.store.views.results({ limit: 10_000 }).length
  assert.equal((await offer(good)).status, 200)
  assert.equal(small.daemon.store.views.results({ limit: 10_000 }).length, windows)
  assert.equal(small.told.length, new Set(small.told).size)
  proved({
    promise: 'security',
    fault: 'Wrong and damaged configurations, offered to a running daemon',
    size: `${mistakes.length + fuzzed} documents`,
    outcome: 'each refused with place and reason, or wholly in force; the one before stays',
    test: 'test/faults/invalid-configuration.test.ts',
  })
})

test('the commented example, damaged in hundreds of ways, is read or refused in words', () => {
  const random = seeded(testSeed())
  let refused = 0
  for (let i = 0; i < (isFull ? 20_000 : 300); i++) {
    const text = broken(example, random)
    try {
      readDocument(text, 'leeway.yaml')
    } catch (error) {
      assert.ok(error instanceof ConfigError, `${error} for\n${text}`)
      assert.ok(error.problems.length > 0 && error.problems.every(({ message }) => message.length > 10), error.message)
      refused++
    }
  }
  assert.ok(refused >= 150, `${refused} were refused`)
})
