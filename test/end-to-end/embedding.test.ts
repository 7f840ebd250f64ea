// Embeddings from a file to the incident, through the program that people run.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { seeded } from '../build/random.ts'
import { normal } from '../build/rows.ts'
import { leeway } from '../cli/run.ts'

const MINUTE = 60_000
const DIMENSION = 12
const from = Date.UTC(2026, 0, 1)
const folder = mkdtempSync(join(tmpdir(), 'leeway-embedding-'))
after(() => rmSync(folder, { recursive: true }))

const random = seeded(20_260_101)
const topics = Array.from({ length: 4 }, () => Array.from({ length: DIMENSION }, () => 2 * normal(random)))

/** Rows, one a minute: a vector of one of four topics, and a score. */
function write(name: string, options: { first: number; count: number; mix: (row: number) => readonly number[] }): void {
  const lines = Array.from({ length: options.count }, (_, i) => {
    const draw = random()
    const mix = options.mix(i)
    const topic = mix.findIndex((share) => draw < share)
    const text = (topics[topic] as number[]).map((value) => Number((value + normal(random)).toFixed(4)))
    const row = options.first + i
    return JSON.stringify({
      id: row,
      time: new Date(from + row * MINUTE).toISOString(),
      text,
      age: random(),
      score: random(),
    })
  })
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`)
}

/** Shares of the topics, added up. */
const usual = [0.4, 0.7, 0.9, 1]
const other = [0.1, 0.3, 0.6, 1]
const REFERENCE = 5_000
const PRODUCTION = 2_000
write('reference.jsonl', { first: 0, count: REFERENCE, mix: () => usual })
write('quiet.jsonl', { first: REFERENCE, count: PRODUCTION, mix: () => usual })
write('shifted.jsonl', { first: REFERENCE, count: PRODUCTION, mix: (row) => (row < 1_000 ? usual : other) })

async function replay(production: string) {
  const path = join(folder, `${production}.yaml`)
  writeFileSync(
    path,
    `apiVersion: leeway/v1
sources:
  history: {type: file, path: ${production}, events: {id: id, time: time, score: score}}
models:
  texts:
    source: history
    task: binary
    positiveClass: "1"
    classes: ["0", "1"]
    reference: {file: reference.jsonl}
    windows: [{size: 3h, slide: 30m}]
    columns: {text: embedding}
`,
  )
  const { stdout, stderr, code } = await leeway(['replay', '-c', path, '--json'])
  assert.equal(code, 0, stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown> & { features: string[] })
}

test('another mix of topics raises one incident of drift that names the column, and no change raises none', {
  timeout: 60_000,
}, async () => {
  const [quiet, shifted] = await Promise.all([replay('quiet.jsonl'), replay('shifted.jsonl')])
  const fired = (lines: typeof quiet) => lines.filter(({ type, change }) => type === 'incident' && change === 'firing')
  assert.deepEqual(fired(quiet), [])
  for (const { type, verdicts } of shifted) {
    if (type !== 'window') continue
    const monitors = (verdicts as Array<{ monitor: string }>).map(({ monitor }) => monitor)
    assert.equal(new Set(monitors).size, monitors.length, 'every monitor speaks once a window')
    assert.ok(monitors.includes('drift/text'))
  }
  const [incident, ...rest] = fired(shifted)
  assert.deepEqual(rest, [])
  assert.equal(incident?.['kind'], 'drift')
  assert.deepEqual(incident?.features, ['text'])
  const since = Date.parse(incident?.['since'] as string)
  assert.ok(since > from + (REFERENCE + 1_000) * MINUTE && since < from + (REFERENCE + 1_300) * MINUTE)
})
