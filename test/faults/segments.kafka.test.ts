// Exactness of segments: every row and every label counts once in the segment of its row, through SIGKILL, against a real broker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/database.ts'
import { sealOf } from '../../src/store/seal.ts'
import type { Row } from '../build/ledger.ts'
import { Ledger, PANE_MS } from '../build/ledger.ts'
import { seeded } from '../build/random.ts'
import { kill } from '../build/serve.ts'
import type { DumpLine } from '../build/state.ts'
import { dump } from '../build/state.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { proved } from './proof.ts'
import type { Rig } from './rig.ts'
import { readRest, rig } from './rig.ts'
import { withSeeds } from './seeds.ts'

const PARTITIONS = 3
const KILLS = 5
const PREDICTIONS = 6_000
const READING_MS = 400

/** What of a segment's pane can be counted without any knowledge of bins: rows, labelled rows, and those that were right. */
type Counted = readonly [predicted: number, labelled: number, right: number]

function expected(rows: readonly Row[]): Map<string, Counted> {
  const panes = new Map<string, Counted>()
  for (const { time, job, label, decision } of rows) {
    const key = `job=${job ?? '__missing__'} ${time - (time % PANE_MS)}`
    const [predicted, labelled, right] = panes.get(key) ?? [0, 0, 0]
    const isLabelled = label === null ? 0 : 1
    panes.set(key, [predicted + 1, labelled + isLabelled, right + (label === decision ? isLabelled : 0)])
  }
  return panes
}

/** What is wrong with the segments of a dump. */
function segmentFaults(
  rows: readonly Row[],
  lines: readonly DumpLine[],
  { reference }: Pick<Rig, 'reference'>,
): string[] {
  const { outcomes } = reference.layout
  if (outcomes.task !== 'binary') throw new Error('not the ledger reference')
  const found = new Map<string, Counted>()
  const inputs = new Map<string, number>()
  for (const { type, segment, part, start, cells } of lines) {
    if (type !== 'pane' || segment === '') continue
    const at = (cell: number) => (cells as Record<string, number>)[cell] ?? 0
    const key = `${segment} ${start}`
    if (part === 'inputs') inputs.set(key, at(0))
    else found.set(key, [at(0), at(1), at(outcomes.confusion) + at(outcomes.confusion + 3)])
  }
  const wanted = expected(rows)
  return [...new Set([...wanted.keys(), ...found.keys(), ...inputs.keys()])].flatMap((key) => {
    const [is, should] = [[inputs.get(key), ...(found.get(key) ?? [])], wanted.get(key)]
    const right = should === undefined ? [] : [should[0], ...should]
    return String(is) === String(right) ? [] : [`${key}: ${is}, and not ${right}`]
  })
}

/** Produces in pieces, and kills the daemon while it reads each. */
async function readUnderFire(set: Rig, ledger: Ledger, seed: number): Promise<void> {
  const random = seeded(seed)
  const events = [...ledger.pieces()].flat()
  const size = Math.ceil(events.length / KILLS)
  for (let from = 0; from < events.length; from += size) {
    await set.produce(events.slice(from, from + size))
    const serving = await set.start()
    if (serving === undefined) continue
    const isOver = new Promise((resolve) => setTimeout(resolve, random() * READING_MS))
    await serving.said('firstCommitMs')
    await Promise.race([isOver, serving.ended])
    await kill(serving, 'SIGKILL')
  }
}

function ledgerOf(seed: number, predictions: number) {
  const rows: Row[] = []
  const ledger = new Ledger({ seed, predictions, partitions: PARTITIONS, hours: 48, onRow: (row) => rows.push(row) })
  return { rows, ledger }
}

test(
  `every row and every label counts once in its segment, through ${KILLS} SIGKILLs`,
  { skip: skipWithoutKafka, timeout: 300_000 },
  (t) =>
    withSeeds('segments', async (seed) => {
      const set = await rig(t, 'segments', { partitions: PARTITIONS, segments: '[job]' })
      const { rows, ledger } = ledgerOf(seed, PREDICTIONS)
      await readUnderFire(set, ledger, seed)
      const wrong = await readRest(set, ledger.records, () => segmentFaults(rows, dump(set.state), set))
      assert.deepEqual(wrong.slice(0, 5), [])
      proved({
        promise: 'G1, G2',
        fault: 'SIGKILL at random moments, rows told apart by segment',
        size: `${KILLS} kills over ${ledger.records} events, 3 partitions`,
        outcome: 'each row and each label, corrected or not, counted once in its segment',
        test: 'test/faults/segments.kafka.test.ts',
      })
    }),
)

test(
  'the same check catches a state whose segments were numbered anew after a kill',
  { skip: skipWithoutKafka, timeout: 300_000 },
  (t) =>
    withSeeds('segments, broken', async (seed) => {
      const set = await rig(t, 'segments-broken', { partitions: PARTITIONS, segments: '[job]' })
      const { rows, ledger } = ledgerOf(seed, 3_000)
      // All labels come after the kill: whatever the seed, some are credited by a number that means something else now.
      const { true: labels = [], false: others = [] } = Object.groupBy([...ledger.pieces()].flat(), ({ value }) =>
        String(value.includes('"type":"label"')),
      )
      await set.produce(others)
      await readRest(set, others.length)
      numberAnew(set.state)
      await set.produce(labels)
      await readRest(set, ledger.records)
      assert.ok(segmentFaults(rows, dump(set.state), set).length > 0, 'it went unnoticed: the check proves nothing')
    }),
)

/** As a store would leave it that writes names apart from the entries that know them by number. */
function numberAnew(state: string): void {
  const db = openDatabase(state, { readOnly: false })
  try {
    const name = 'segments/ledger'
    const { json } = db.prepare('SELECT json FROM documents WHERE name = ?').get(name) as { json: string }
    const { names } = JSON.parse(json) as { names: string[] }
    const changed = JSON.stringify({ names: names.toReversed() })
    db.prepare('UPDATE documents SET json = ?, seal = ? WHERE name = ?').run(changed, sealOf([name, changed]), name)
  } finally {
    db.close()
  }
}
