// Another configuration while events pour in: every record still counts exactly once, and nobody is told anything twice.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import type { LedgerEvent } from '../build/ledger.ts'
import { Ledger } from '../build/ledger.ts'
import { testSeed } from '../build/random.ts'
import type { Serving } from '../build/serve.ts'
import { getJson, kill, until } from '../build/serve.ts'
import type { DumpLine } from '../build/state.ts'
import { dump } from '../build/state.ts'
import { createTopics, produce } from '../kafka/broker.ts'
import { kafkaAddress, skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { effectFaults, incidentFaults, of, stateFaults, windowFaults } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import type { Rig } from './rig.ts'
import { applied, CHANNEL, rig } from './rig.ts'

const PARTITIONS = 3
const predictions = isFull ? 600_000 : 60_000
const rounds = isFull ? 10 : 1
const env = { LEEWAY_COMMIT_INTERVAL_MS: '300', LEEWAY_COMMIT_RECORDS_MAX: '20000' }

/** A configuration as plain values, to be changed at will. */
type Plain = Record<string, Record<string, Record<string, unknown>>>
type Step =
  | { readonly name: string; readonly change: (document: Plain) => void }
  | { readonly name: string; readonly wrong: (document: Plain) => void; readonly because: RegExp }

interface Configured {
  readonly topic: string
  readonly more: string
  readonly aside: string
}

/** Reloads one after the other, each on top of what those before it left in force. */
function steps({ topic, more, aside }: Configured): Step[] {
  const ledger = (document: Plain) => document['models']?.['ledger'] as Record<string, unknown>
  const source = (document: Plain) => document['sources']?.['stream'] as Record<string, unknown>
  const windows = [
    { size: '1h', slide: '10m' },
    { size: '6d', slide: '1d' },
  ]
  const addAside = (document: Plain) => {
    const { sources = {}, models = {} } = document
    sources['aside'] = { ...source(document), topics: [aside] }
    models['aside'] = { ...ledger(document), source: 'aside', windows }
  }
  return [
    { name: 'a threshold', change: (document) => Object.assign(ledger(document), { minSamples: 50 }) },
    { name: 'a model and a source more', change: addAside },
    { name: 'a topic more', change: (document) => Object.assign(source(document), { topics: [topic, more] }) },
    {
      name: 'a slip of the pen',
      wrong: (document) => Object.assign(ledger(document), { minSample: 5 }),
      because: /minSamples/,
    },
    {
      name: 'a window size more',
      change: (document) => Object.assign(ledger(document), { windows: [...windows, { size: '2h', slide: '10m' }] }),
    },
    {
      name: 'the model and source gone',
      change({ sources = {}, models = {} }) {
        delete sources['aside']
        delete models['aside']
      },
    },
    { name: 'the topic gone', change: (document) => Object.assign(source(document), { topics: [topic] }) },
    { name: 'the model and source back', change: addAside },
    {
      name: 'a topic that is nowhere',
      wrong: (document) => Object.assign(source(document), { topics: [topic, 'nowhere'] }),
      because: /no topic nowhere/,
    },
    {
      name: 'a channel and a route more',
      change(document) {
        Object.assign(document['channels'] as object, { screen: { type: 'console' } })
        ;(document['routes'] as unknown as object[]).push({ match: { kind: 'volume' }, to: ['screen'] })
      },
    },
    {
      name: 'panes of another length',
      wrong: (document) => Object.assign(ledger(document), { windows: [{ size: '1h', slide: '15m' }] }),
      because: /panes are 600000 ms long/,
    },
    { name: 'the window size gone', change: (document) => Object.assign(ledger(document), { windows }) },
    { name: 'the timing of the source', change: (document) => Object.assign(source(document), { idleTimeout: '6s' }) },
    { name: 'the budget', change: (document) => Object.assign(ledger(document), { falseAlarmBudget: 2 }) },
    { name: 'nothing', change: () => {} },
  ]
}

interface Configuration {
  readonly hash: string
  readonly lastReload: { readonly successful: boolean; readonly at: string; readonly because: string | null } | null
}

/** Writes the file, sends SIGHUP, and waits for what comes of it. */
async function reload(set: Rig, serving: Serving, step: Step): Promise<void> {
  const before = await getJson<Configuration>(serving, '/api/v1/configuration')
  const inForce = readFileSync(set.config, 'utf8')
  const document = parse(inForce) as Plain
  if ('change' in step) step.change(document)
  else step.wrong(document)
  const text = `# ${step.name}\n${stringify(document)}`
  const hash = createHash('sha256').update(text).digest('hex')
  writeFileSync(set.config, text)
  serving.process.kill('SIGHUP')
  const after = await until(
    serving,
    async () => {
      const now = await getJson<Configuration>(serving, '/api/v1/configuration')
      return now.lastReload?.at === before.lastReload?.at ? undefined : now
    },
    `a reload: ${step.name}`,
  )
  if ('change' in step) return assert.deepEqual([after.lastReload?.because, after.hash], [null, hash], step.name)
  assert.match(after.lastReload?.because ?? '', step.because, step.name)
  assert.equal(after.hash, before.hash)
  writeFileSync(set.config, inForce)
}

const MINUTE = 60_000
const ASIDE_FROM = Date.UTC(2026, 0, 5)
/** Three predictions a minute of another model, all alike and far from its reference: one incident, that does not end. */
function asideEvents(count: number): LedgerEvent[] {
  return Array.from({ length: count }, (_, i) => {
    const time = new Date(ASIDE_FROM + (i * MINUTE) / 3).toISOString()
    const features = { amount: 30, age: 40, job: 'cook' }
    const event = {
      type: 'prediction',
      id: `aside-${i}`,
      model: 'aside',
      time,
      features,
      score: 0.7,
      prediction: 'bad',
    }
    return { partition: 0, value: Buffer.from(JSON.stringify(event)) }
  })
}

function slices<T>(list: readonly T[], count: number): T[][] {
  const size = Math.ceil(list.length / count)
  return Array.from({ length: count }, (_, i) => list.slice(i * size, (i + 1) * size))
}

/** What is about the one model, as if the other were not there. */
function withoutAside(lines: readonly DumpLine[]): DumpLine[] {
  const streams = of(lines, 'stream')
    .filter(({ model }) => model === 'aside')
    .map(({ number }) => number)
  return lines.filter(({ model, type, stream }) => model !== 'aside' && !(type === 'pane' && streams.includes(stream)))
}

async function setUp(t: TestContext, name: string, own: Record<string, string> = {}, idleTimeout = '8s') {
  const set = await rig(t, name, { partitions: PARTITIONS, idleTimeout, env: { ...env, ...own } })
  const [more, aside] = [`${set.topic}-more`, `${set.topic}-aside`]
  await createTopics(kafkaAddress as string, [
    { topic: more, partitions: 1 },
    { topic: aside, partitions: 1 },
  ])
  return { set, more, aside }
}

test(`${12 * rounds} reloads while ${2 * predictions} events are read change no count and repeat no message, and ${3 * rounds} wrong ones change nothing at all`, {
  skip: skipWithoutKafka,
  timeout: 600_000,
}, async (t) => {
  const { set, more, aside } = await setUp(t, 'reload')
  const ledger = new Ledger({ seed: testSeed(), predictions, partitions: PARTITIONS, episodes: 6 })
  const asides = asideEvents(9_000)
  const todo = Array.from({ length: rounds }, () => steps({ topic: set.topic, more, aside })).flat()
  const pieces = slices([...ledger.pieces()].flat(), todo.length)
  const asidePieces = slices(asides, todo.length)
  const serving = (await set.start()) as Serving
  let reloads = 0
  for (const [i, step] of todo.entries()) {
    const producing = Promise.all([
      set.produce(pieces[i] as LedgerEvent[]),
      produce(kafkaAddress as string, aside, asidePieces[i] as LedgerEvent[]),
    ])
    await reload(set, serving, step)
    if ('change' in step) reloads++
    await producing
  }
  const records = ledger.records + asides.length
  await until(serving, async () => (applied(set.state) === records ? true : undefined), 'all records to be applied')
  let wrong: string[] = []
  const agrees = async () => {
    const all = dump(set.state)
    const lines = withoutAside(all)
    wrong = [
      ...stateFaults(ledger, lines, set.reference),
      // Windows of a size that is gone are not looked at again when their last labels come.
      ...windowFaults(
        ledger,
        lines.filter(({ window }) => window !== '2h'),
        250,
      ),
      ...incidentFaults(all, CHANNEL),
      ...effectFaults(all, set.receiver.received, 0).wrong,
    ]
    return wrong.length === 0 ? true : undefined
  }
  await until(serving, agrees, 'a state that agrees with the ledger', 60_000).catch(() => {})
  assert.deepEqual(wrong.slice(0, 5), [])
  const lines = dump(set.state)
  const counted = of(lines, 'counter').find(({ name, model }) => name === 'predictions' && model === 'aside')
  assert.equal(counted?.['value'], asides.length)
  const kinds = of(lines, 'incident')
    .filter(({ model }) => model === 'aside')
    .map(({ kind }) => kind as string)
  assert.ok(kinds.includes('drift') && new Set(kinds).size === kinds.length, `incidents of the other model: ${kinds}`)
  assert.ok(set.receiver.received.length > 6, `${set.receiver.received.length} messages: the test is about too little`)
  await kill(serving, 'SIGTERM')
  proved({
    promise: 'G1',
    fault: 'Another configuration while events are read: models, sources, topics, windows, channels; and wrong ones',
    size: `${reloads} reloads and ${todo.length - reloads} refused over ${(2 * predictions).toLocaleString('en')} events`,
    outcome: '0 lost, 0 double, no message repeated, a refused one changes nothing',
    test: 'test/faults/reload.kafka.test.ts',
  })
})

/** The sum of a metric's series. */
async function sumOf(serving: Serving, metric: string): Promise<number> {
  const page = await (await fetch(`${serving.address}/metrics`)).text()
  const lines = page.split('\n').filter((line) => line.startsWith(`${metric}{`))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

test('the same check catches a reload that forgets what was applied since the last commit', {
  skip: skipWithoutKafka,
  timeout: 300_000,
}, async (t) => {
  // One commit, so that the state knows the model; then a long time without, so that there is something to forget.
  const { set } = await setUp(
    t,
    'forgetful',
    {
      LEEWAY_COMMIT_INTERVAL_MS: '12000',
      LEEWAY_COMMIT_RECORDS_MAX: '1000000',
    },
    '90s',
  )
  const ledger = new Ledger({ seed: testSeed(), predictions: 10_000, partitions: PARTITIONS })
  const [first, before, after] = slices([...ledger.pieces()].flat(), 3) as [LedgerEvent[], LedgerEvent[], LedgerEvent[]]
  const serving = (await set.start({ faults: ['--uncommitted-reloads'] })) as Serving
  await set.produce(first)
  await until(serving, async () => (applied(set.state) > 0 ? true : undefined), 'a first commit')
  await set.produce(before)
  const read = (least: number) =>
    until(
      serving,
      async () => ((await sumOf(serving, 'leeway_predictions_total')) >= least ? true : undefined),
      `${least} predictions`,
    )
  await read(6_000)
  await reload(set, serving, {
    name: 'budget',
    change: (document) => Object.assign(document['models']?.['ledger'] as object, { falseAlarmBudget: 2 }),
  })
  await set.produce(after)
  // Outcomes of predictions that no pane holds any more may end it before it is asked.
  const hasEnded = await Promise.race([
    serving.ended.then(() => true),
    read(6_000).then(
      () => false,
      () => true,
    ),
  ])
  if (hasEnded) return
  await kill(serving, 'SIGTERM')
  const wrong = stateFaults(ledger, dump(set.state), set.reference)
  assert.ok(wrong.length > 0, 'the forgetful reload went unnoticed: the test of exactness proves nothing')
})
