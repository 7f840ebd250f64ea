// Another reference under SIGKILL: the one or the other is in force, with its row of the audit, its ended incidents and their messages,
// or none of it; and no record is lost or counts twice meanwhile.

import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Moment } from '../../src/probe.ts'
import { moments } from '../../src/probe.ts'
import { openDatabase } from '../../src/store/database.ts'
import { tokenOf } from '../build/http.ts'
import type { LedgerEvent } from '../build/ledger.ts'
import { makeRow } from '../build/ledger.ts'
import { seeded } from '../build/random.ts'
import type { Serving } from '../build/serve.ts'
import { getJson, kill, until } from '../build/serve.ts'
import type { DumpLine } from '../build/state.ts'
import { dump } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { effectFaults, incidentFaults, of } from './oracle.ts'
import { isFull, proved } from './proof.ts'
import type { Rig } from './rig.ts'
import { applied, CHANNEL, dumpExactly, LANES, rig } from './rig.ts'
import { withSeeds } from './seeds.ts'

const TIMES = isFull ? 20 : 1
const ROUNDS = isFull ? 60 : 4
const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5)
const windows = '[{size: 2h, slide: 10m}]'
const ofDeeds = moments.filter((moment) => moment.startsWith('reference: '))
const file = 'test/faults/rebase.kafka.test.ts'

/** A prediction a minute, without labels; `times` says by how much amounts are multiplied. */
class Traffic {
  readonly #random: () => number
  #next = START
  produced = 0

  constructor(seed: number) {
    this.#random = seeded(seed)
  }

  hours(hours: number, times: number): LedgerEvent[] {
    return Array.from({ length: hours * 60 }, () => {
      const { id, amount, age, job, score, decision } = makeRow(this.#random, this.#next)
      const features = { amount: amount === null ? null : amount * times, age, job }
      const time = new Date(this.#next).toISOString()
      this.#next += MINUTE
      this.produced++
      const event = { type: 'prediction', id, model: 'ledger', time, features, score, prediction: decision }
      return { partition: 0, value: Buffer.from(JSON.stringify(event)) }
    })
  }
}

async function setUp(t: TestContext, name: string): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-tokens-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const tokens = join(folder, 'tokens.yaml')
  writeFileSync(tokens, `- {name: ann, role: approver, token: ${tokenOf.approver}}\n`)
  return rig(t, name, { partitions: 1, windows, idleTimeout: '1h', env: { LEEWAY_TOKENS_FILE: tokens } })
}

/** Undefined when the process has died before it could answer. */
async function post(
  serving: Serving,
  path: string,
  body: object,
): Promise<{ status: number; text: string } | undefined> {
  try {
    const answer = await fetch(serving.address + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenOf.approver}` },
      body: JSON.stringify(body),
    })
    return { status: answer.status, text: await answer.text() }
  } catch {
    return undefined
  }
}

interface Open {
  readonly id: string
  readonly kind: string
}

async function firing(serving: Serving): Promise<readonly Open[]> {
  const { incidents } = await getJson<{ incidents: Open[] }>(serving, '/api/v1/incidents?state=firing')
  return incidents
}

const drift = async (serving: Serving): Promise<string | undefined> =>
  (await firing(serving)).find(({ kind }) => kind === 'drift')?.id
const accept = (serving: Serving, id: string) => post(serving, `/api/v1/incidents/${id}/accept`, { note: 'so be it' })
async function revert(serving: Serving): Promise<void> {
  const { history } = await getJson<{ history: ReadonlyArray<{ id: string; version: string | null; ended: unknown }> }>(
    serving,
    '/api/v1/references',
  )
  const id = history.find(({ version, ended }) => version === null && ended === null)?.id ?? 'none'
  await post(serving, '/api/v1/references/revert', { model: 'ledger', id, note: 'not so' })
}

interface Audited {
  readonly action: string
  readonly outcome: string
}

/** What does not hang together: references, audit, incidents and messages tell the same story. */
function halves(state: string): string[] {
  const lines = dump(state)
  const wrong: string[] = []
  const done = (action: string) =>
    auditOf(state).filter(
      (entry) =>
        entry.action === action && entry.outcome === 'done' && !/(accepted it|took it back) before/.test(entry.detail),
    ).length
  const made = of(lines, 'reference')
  const ended = made.filter(({ ended_at: at }) => at !== null)
  if (done('incident accept') !== made.length)
    wrong.push(`${made.length} references, ${done('incident accept')} in the audit`)
  if (done('reference revert') !== ended.length)
    wrong.push(`${ended.length} were taken back, ${done('reference revert')} in the audit`)
  for (const { incident } of made) {
    const found = of(lines, 'incident').find(({ id }) => id === incident)
    const last = of(lines, 'transition').findLast((one) => one['incident'] === incident)
    if (found?.['state'] !== 'resolved' || !/by ann$/.test(last?.['because'] as string))
      wrong.push(`incident ${incident} is ${found?.['state']}, because ${last?.['because']}`)
  }
  // Bad data explains the drift that comes with it: that is not told.
  return [...wrong, ...incidentFaults(lines, CHANNEL).filter((fault) => !fault.endsWith(' is suppressed'))]
}

function auditOf(state: string): ReadonlyArray<Audited & { readonly detail: string }> {
  const db = openDatabase(state, { readOnly: true })
  try {
    return db.prepare('SELECT action, outcome, detail FROM audit').all() as never
  } finally {
    db.close()
  }
}

const counted = (lines: readonly DumpLine[]) =>
  of(lines, 'counter').find(({ name }) => name === 'predictions')?.['value'] as number

/** A state in which the drift of amounts is told, at rest. */
async function driftedState(set: Rig, traffic: Traffic): Promise<void> {
  await set.produce([...traffic.hours(6, 1), ...traffic.hours(14, 3)])
  const serving = (await set.start()) as Serving
  await until(serving, async () => (applied(set.state) === traffic.produced ? true : undefined), 'all records')
  await until(serving, () => drift(serving), 'the incident')
  await settled(serving, set.state)
  await kill(serving, 'SIGTERM')
}

async function settled(serving: Serving, state: string): Promise<void> {
  const agrees = async () => (halves(state).length === 0 ? true : undefined)
  await until(serving, agrees, 'every message to be delivered', 20_000).catch(() => {})
}

/** Accepts in a copy of the state, as often as it takes. @returns what is left at the end */
async function acceptedIn(set: Rig, copy: string, moment: Moment | null): Promise<string> {
  const state = join(set.folder, copy)
  cpSync(set.state, state, { recursive: true })
  const starts = moment === null ? [[]] : [['--crash', moment, '1'], []]
  for (const faults of starts) {
    const serving = (await set.start({ state, faults })) as Serving
    const id = await drift(serving)
    if (id !== undefined) await accept(serving, id)
    if (faults.length > 0) {
      const { signal } = await serving.ended
      assert.equal(signal, 'SIGKILL', `"${moment}" did not come`)
      continue
    }
    await settled(serving, state)
    await kill(serving, 'SIGTERM')
  }
  assert.deepEqual(halves(state), [], `${moment}`)
  return dumpExactly(state)
}

function firstDifference(a: string, b: string): string {
  const [left, right] = [a.split('\n'), b.split('\n')]
  const i = left.findIndex((line, at) => line !== right[at])
  return `${left[i]?.slice(0, 500)} and not ${right[i]?.slice(0, 500)}`
}

test(`killed ${TIMES} times at each of ${ofDeeds.length} moments of an acceptance, the state is byte for byte that of an undisturbed one`, {
  skip: skipWithoutKafka,
  timeout: 600_000,
}, async (t) => {
  const set = await setUp(t, 'accepted')
  await driftedState(set, new Traffic(1))
  const undisturbed = await acceptedIn(set, 'undisturbed', null)
  assert.ok(undisturbed.includes('"type":"made reference"'), 'nothing was accepted')
  let kills = 0
  for (const moment of ofDeeds) {
    for (let i = 0; i < TIMES; i++, kills++) {
      const left = await acceptedIn(set, `${moment.replace(/\W+/g, '-')}-${i}`, moment)
      assert.ok(left === undisturbed, `${moment}: ${firstDifference(left, undisturbed)}`)
    }
  }
  proved({
    promise: 'G1, G3',
    fault: 'SIGKILL at each moment of an acceptance as the new normal',
    size: `${kills} kills`,
    outcome: 'one reference or the other, with its incidents, messages and audit; states equal byte for byte',
    test: file,
  })
})

test('the same check catches a reference that is put into force apart from what goes on under it', {
  skip: skipWithoutKafka,
  timeout: 300_000,
}, async (t) => {
  const set = await setUp(t, 'apart')
  await driftedState(set, new Traffic(1))
  const serving = (await set.start({ faults: ['--apart', 'reference', '1'] })) as Serving
  await accept(serving, (await drift(serving)) as string)
  assert.equal((await serving.ended).signal, 'SIGKILL')
  assert.ok(halves(set.state).length > 0, 'half a deed went unnoticed: the test of exactness proves nothing')
})

test(
  `${ROUNDS} times accepted or taken back while rows pour in, and killed at a random moment`,
  {
    skip: skipWithoutKafka,
    timeout: isFull ? 3_600_000 : 600_000,
  },
  (t) =>
    withSeeds('rebase', async (seed) => {
      const random = seeded(seed)
      const set = await setUp(t, 'poured')
      const traffic = new Traffic(seed)
      await set.produce([...traffic.hours(6, 1), ...traffic.hours(14, 3)])
      let [accepts, reverts] = [0, 0]
      for (let round = 0; round < ROUNDS; round++) {
        const serving = (await set.start()) as Serving
        await until(serving, async () => (applied(set.state) === traffic.produced ? true : undefined), 'all records')
        const id = await drift(serving)
        const producing = set.produce(traffic.hours(10, 3))
        const deed = id === undefined ? revert(serving) : accept(serving, id)
        await new Promise((resolve) => setTimeout(resolve, 100 + random() * 900))
        await kill(serving, 'SIGKILL')
        await Promise.all([producing, deed])
        if (id === undefined) reverts++
        else accepts++
      }
      const serving = (await set.start()) as Serving
      await until(serving, async () => (applied(set.state) === traffic.produced ? true : undefined), 'all records')
      await settled(serving, set.state)
      await kill(serving, 'SIGTERM')
      assert.deepEqual(halves(set.state), [])
      const lines = dump(set.state)
      assert.equal(counted(lines), traffic.produced)
      const effects = effectFaults(lines, set.receiver.received, ROUNDS * LANES)
      assert.deepEqual(effects.wrong, [])
      const [made, ended] = [of(lines, 'reference'), of(lines, 'reference').filter(({ ended_at: at }) => at !== null)]
      console.log(
        `${accepts} accepted, ${made.length} in force; ${reverts} taken back, ${ended.length} were; ${effects.duplicates} duplicates`,
      )
      assert.ok(made.length > 0, 'nothing was ever accepted: the test is about too little')
      proved({
        promise: 'G1, G3',
        fault: 'SIGKILL while what is normal is accepted or taken back, and rows pour in',
        size: `${ROUNDS} kills over ${traffic.produced.toLocaleString('en')} predictions`,
        outcome: '0 lost, 0 double, no reference without its audit, messages once by their keys',
        test: file,
      })
    }),
)
