// Labels whenever they come, against an oracle that knows nothing of the join: it replays the arrivals with plain maps.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Store } from '../../src/store/store.ts'
import type { Desk, DeskRoom } from '../build/desk.ts'
import { deskRoom, labelAt, openDesk, predictionAt, T0 } from '../build/desk.ts'
import { seeded, testSeed, uuid } from '../build/random.ts'
import { isFull, proved } from './proof.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** As the configuration has them. */
const OUT_OF_ORDERNESS = MINUTE
const LATENESS = HOUR
const HORIZON = 20 * DAY
/** Until then a prediction is remembered, the horizon and the longest window with its slide; some time after it, it is forgotten. */
const REMEMBERED = HORIZON + 7 * DAY
const IDLE = 1_000
const FAR = T0 + 300 * DAY
const PARTITIONS = 2
const TEST = 'test/faults/labels.test.ts'
const SCHEDULES = isFull ? 200 : 10
const ROWS = 1_500
const SPAN = 40 * DAY

const folder = mkdtempSync(join(tmpdir(), 'leeway-labels-'))
let room: DeskRoom
before(async () => {
  room = await deskRoom(folder, '{size: 12h, slide: 6h}')
})
after(() => rmSync(folder, { recursive: true }))

interface Arrival {
  readonly at: number
  readonly partition: number
  readonly id: string
  readonly is:
    | { readonly kind: 'prediction'; readonly time: number; readonly decision: string }
    | { readonly kind: 'label'; readonly time: number; readonly label: string | null }
}

/**
 * Predictions over forty days with every fate a label can have: before or after its prediction (in either partition), three times,
 * corrected twice, retracted, out of order, a class that does not exist, weeks late, never; some predictions come five times.
 */
function makeSchedule(random: () => number): Arrival[] {
  const arrivals: Arrival[] = []
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  for (let i = 0; i < ROWS; i++) {
    const id = uuid(random)
    const time = T0 + Math.floor((i * SPAN) / ROWS)
    const add = (at: number, is: Arrival['is']) =>
      arrivals.push({ at, partition: Math.floor(random() * PARTITIONS), id, is })
    const prediction = { kind: 'prediction', time, decision: pick(['good', 'bad']) } as const
    add(time + random() * 30_000, prediction)
    if (random() < 0.05) for (let retry = 0; retry < 4; retry++) add(time + random() * 2 * DAY, prediction)
    const label = (at: number, value: string | null, labelTime = at) =>
      add(at, { kind: 'label', time: Math.floor(labelTime), label: value })
    const truth = pick(['good', 'bad'])
    const soon = time + random() * 3 * DAY
    const before = time - random() * 2 * DAY
    switch (Math.floor(random() * 10)) {
      case 0:
        label(before, truth)
        break
      case 1:
        for (let again = 0; again < 3; again++) label(soon + again * HOUR, truth, soon)
        break
      case 2:
        label(soon, 'good')
        label(soon + HOUR, 'bad')
        label(soon + 2 * HOUR, truth)
        break
      case 3:
        label(soon + 2 * HOUR, truth)
        label(soon + 3 * HOUR, 'good', soon)
        break
      case 4:
        label(soon, truth)
        label(soon + DAY, null)
        if (random() < 0.5) label(soon + 2 * DAY, truth)
        break
      case 5:
        // Past the horizon; then so long past it that nothing is known of the prediction any more.
        for (const days of [22, 25, 37]) if (time + days * DAY < T0 + SPAN) label(time + days * DAY, truth)
        break
      case 6:
        label(random() < 0.5 ? before : soon, 'ugly')
        break
      case 7:
        label(before, 'good')
        label(before + HOUR, random() < 0.3 ? null : 'bad')
        label(soon, truth)
        break
      case 8:
        label(soon, truth)
        break
    }
  }
  return arrivals.sort((a, b) => a.at - b.at)
}

interface Row {
  readonly time: number
  readonly decision: string
  label: string | null
  labelTime: number
}

/** What must come of the arrivals, in their order. */
function oracle(arrivals: readonly Arrival[]) {
  const rows = new Map<string, Row>()
  const early = new Map<string, { time: number; label: string | null }>()
  const counts: Record<string, number> = {}
  const add = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  const highest: number[] = Array(PARTITIONS).fill(Number.NEGATIVE_INFINITY)
  const give = (row: Row, { time, label }: { time: number; label: string | null }): string => {
    if (time < row.labelTime) return 'superseded'
    if (label === 'ugly') return 'unknown-class'
    if (time === row.labelTime && label === row.label) return 'duplicate'
    const previous = row.label
    row.label = label
    row.labelTime = time
    if (label === null) return 'retracted'
    if (label === previous) return 'duplicate'
    return previous === null ? 'joined' : 'corrected'
  }
  for (const { id, is, partition } of arrivals) {
    const watermark = Math.min(...highest) - OUT_OF_ORDERNESS
    const remembered = rows.get(id)
    const row = remembered !== undefined && remembered.time < watermark - REMEMBERED ? undefined : remembered
    if (is.kind === 'prediction') {
      const bound = watermark > 0 ? watermark : (highest[partition] as number) - OUT_OF_ORDERNESS
      if (is.time < bound - LATENESS) {
        add('late')
        continue
      }
      highest[partition] = Math.max(highest[partition] as number, is.time)
      if (row !== undefined) {
        add('duplicate_predictions')
        continue
      }
      add('predictions')
      const fresh: Row = { time: is.time, decision: is.decision, label: null, labelTime: -1 }
      rows.set(id, fresh)
      const waiting = early.get(id)
      if (waiting !== undefined) add(`early_labels/${give(fresh, waiting)}`)
    } else if (row !== undefined) {
      add(row.time < watermark - HORIZON ? 'labels/too-late' : `labels/${give(row, is)}`)
    } else {
      const waiting = early.get(id)
      if (waiting !== undefined && is.time < waiting.time) add('labels/superseded')
      else if (waiting !== undefined && is.time === waiting.time && is.label === waiting.label) add('labels/duplicate')
      else {
        early.set(id, is)
        add('labels/early')
      }
    }
  }
  return { rows: [...rows.values()], counts }
}

const toEvent = ({ id, is }: Arrival) =>
  is.kind === 'prediction' ? predictionAt(id, is.time, { prediction: is.decision }) : labelAt(id, is.label, is.time)

/** Applies a schedule, with commits and restarts of the process at random moments. @returns differences from the oracle, in words */
function differences(arrivals: readonly Arrival[], random: () => number, wrap?: (store: Store) => Store): string[] {
  const options = { partitions: PARTITIONS, ...(wrap !== undefined && { wrap }) }
  let desk = openDesk(room, options)
  for (let from = 0; from < arrivals.length; ) {
    // Batches of one partition each: what one brings between two arrivals of the other.
    const { partition } = arrivals[from] as Arrival
    let to = from + 1
    while (to < arrivals.length && to - from < 200 && arrivals[to]?.partition === partition) to++
    desk.send(partition, arrivals.slice(from, to).map(toEvent), FAR)
    from = to
    if (random() < 0.02) desk.pipeline.commit()
    if (random() < 0.002) {
      desk.pipeline.commit()
      desk.store.close()
      desk = openDesk(room, { ...options, state: desk.state })
    }
  }
  desk.rest(FAR + IDLE)
  desk.pipeline.commit()
  const found = compare(desk, oracle(arrivals))
  desk.store.close()
  return found
}

function compare(desk: Desk, { rows, counts }: ReturnType<typeof oracle>): string[] {
  const wrong: string[] = []
  const names = new Set([...Object.keys(counts), ...desk.pipeline.counters().map(({ name }) => name)])
  for (const name of names) {
    if (!/^(predictions|late|duplicate_predictions|labels\/.*|early_labels\/.*)$/.test(name)) continue
    if (desk.count(name) !== (counts[name] ?? 0)) wrong.push(`${name}: ${desk.count(name)}, not ${counts[name] ?? 0}`)
  }
  const windows = desk.windows()
  if (windows.length < 100) wrong.push(`${windows.length} windows`)
  for (const { window, start, end, samples, labelled, provisional, verdicts } of windows) {
    const inside = rows.filter(({ time }) => time >= start && time < end)
    const known = inside.filter(({ label }) => label !== null)
    const right = known.filter(({ label, decision }) => label === decision)
    const name = `${window} to ${new Date(end).toISOString()}`
    if (samples !== inside.length) wrong.push(`${name}: ${samples} rows, not ${inside.length}`)
    if (labelled !== known.length) wrong.push(`${name}: ${labelled} labels, not ${known.length}`)
    if (provisional) continue
    const accuracy = verdicts.find(({ monitor }) => monitor === 'performance/accuracy')?.value ?? null
    if (accuracy !== null && accuracy !== right.length / known.length)
      wrong.push(`${name}: accuracy ${accuracy}, not ${right.length} of ${known.length}`)
  }
  return wrong
}

test('whenever labels come, and however often, the join and every window are what an oracle makes of the same arrivals', () => {
  const seed = testSeed()
  const seen: Record<string, number> = {}
  for (let i = 0; i < SCHEDULES; i++) {
    const random = seeded(seed + i)
    const arrivals = makeSchedule(random)
    assert.deepEqual(differences(arrivals, random).slice(0, 5), [], `seed ${seed + i}`)
    for (const [name, count] of Object.entries(oracle(arrivals).counts)) seen[name] = (seen[name] ?? 0) + count
  }
  // Every fate there is was met.
  assert.deepEqual(Object.keys(seen).sort(), [
    'duplicate_predictions',
    'early_labels/joined',
    'early_labels/retracted',
    'early_labels/unknown-class',
    'labels/corrected',
    'labels/duplicate',
    'labels/early',
    'labels/joined',
    'labels/retracted',
    'labels/superseded',
    'labels/too-late',
    'labels/unknown-class',
    'late',
    'predictions',
  ])
  const random = seeded(seed)
  assert.ok(
    differences(makeSchedule(random), random, forgetful).length > 0,
    'a store that loses early labels went unnoticed: the test proves nothing',
  )
  proved({
    promise: 'G2',
    fault:
      'Labels before, after, three times, corrected twice, retracted, weeks late, never; predictions sent five times',
    size: `${SCHEDULES} random schedules of ${ROWS.toLocaleString('en')} predictions over 40 days, with restarts`,
    outcome: 'every counter and every window equal to an oracle; a store that loses early labels is caught',
    test: TEST,
  })
})

/** Broken on purpose: labels that come before their prediction are lost. */
function forgetful(store: Store): Store {
  const { waiting } = store
  const EARLY_LABEL = 2
  return {
    ...store,
    waiting: {
      get: (id) => {
        const found = waiting.get(id)
        return found?.[0] === EARLY_LABEL ? undefined : found
      },
      put: (id, entry, at) => waiting.put(id, entry, at),
      dropBefore: (before) => waiting.dropBefore(before),
      evictBeyond: (entriesMax) => waiting.evictBeyond(entriesMax),
      get size() {
        return waiting.size
      },
    },
  }
}

test('a prediction that a producer sends five times, to any partition and through restarts, counts once', () => {
  const seed = testSeed()
  const random = seeded(seed)
  const rows = isFull ? 50_000 : 5_000
  const sent = Array.from({ length: rows }, (_, i) => {
    const time = T0 + Math.floor((i * 19 * DAY) / rows)
    return Array.from({ length: 5 }, () => ({ at: time + random() * 30 * MINUTE, event: predictionAt(`p${i}`, time) }))
  })
    .flat()
    .sort((a, b) => a.at - b.at)
  let desk = openDesk(room, { partitions: PARTITIONS })
  for (let from = 0; from < sent.length; from += 500) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const share = sent.slice(from, from + 500).filter((_, i) => i % PARTITIONS === partition)
      desk.send(
        partition,
        share.map(({ event }) => event),
        FAR,
      )
    }
    if (random() < 0.5) desk.pipeline.commit()
    if (random() < 0.1) {
      desk.pipeline.commit()
      desk.store.close()
      desk = openDesk(room, { partitions: PARTITIONS, state: desk.state })
    }
  }
  assert.deepEqual([desk.count('predictions'), desk.count('duplicate_predictions')], [rows, 4 * rows])
  desk.store.close()
  proved({
    promise: 'G2',
    fault: 'Producers that send each prediction five times',
    size: `${(5 * rows).toLocaleString('en')} records of ${rows.toLocaleString('en')} predictions over 19 days, with restarts`,
    outcome: `each counted once, ${(4 * rows).toLocaleString('en')} duplicates counted`,
    test: TEST,
  })
})

test('beyond the budget the oldest entries go first and are counted; a label for one of them waits as an early label', () => {
  const desk = openDesk(room, { partitions: 1, waitingMax: 5_000 })
  const rows = 12_000
  for (let from = 0; from < rows; from += 1_000) {
    const events = Array.from({ length: 1_000 }, (_, i) =>
      predictionAt(`e${from + i}`, T0 + Math.floor(((from + i) * 6 * DAY) / rows)),
    )
    desk.send(0, events, FAR)
    desk.pipeline.commit()
  }
  const evicted = desk.count('join_evicted')
  assert.ok(desk.store.waiting.size <= 5_000)
  assert.equal(evicted, rows - desk.store.waiting.size)
  const labels = (from: number, to: number) =>
    desk.send(
      0,
      Array.from({ length: to - from }, (_, i) => labelAt(`e${from + i}`, 'bad', T0 + 6 * DAY)),
      FAR,
    )
  labels(0, evicted)
  assert.deepEqual([desk.count('labels/early'), desk.count('labels/joined')], [evicted, 0])
  labels(evicted, rows)
  assert.deepEqual([desk.count('labels/early'), desk.count('labels/joined')], [evicted, rows - evicted])
  desk.store.close()
  proved({
    promise: 'G5',
    fault: 'More entries of the join than the budget',
    size: `${rows.toLocaleString('en')} predictions, room for 5,000`,
    outcome: 'oldest evicted first, each counted; labels of the rest are joined',
    test: TEST,
  })
})
