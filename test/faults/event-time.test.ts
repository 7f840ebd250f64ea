// Disorder, lateness, impossible times, idleness and back-pressure, at the pipeline, on a clock that the test moves.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Feed } from '../../src/assembly/feed.ts'
import { StoreError } from '../../src/store/store-error.ts'
import type { DeskRoom } from '../build/desk.ts'
import { deskRoom, openDesk, predictionAt, T0 } from '../build/desk.ts'
import { seeded, testSeed } from '../build/random.ts'
import { isFull, proved } from './proof.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** As the configuration has them. */
const OUT_OF_ORDERNESS = MINUTE
const LATENESS = HOUR
const IDLE = SECOND
const FAR = T0 + 300 * DAY
const TEST = 'test/faults/event-time.test.ts'
const rowsOfRun = isFull ? 400_000 : 8_000

const folder = mkdtempSync(join(tmpdir(), 'leeway-time-'))
let room: DeskRoom
before(async () => {
  room = await deskRoom(folder)
})
after(() => rmSync(folder, { recursive: true }))

interface Arrival {
  /** What the order of arrival is made of. */
  readonly at: number
  readonly time: number
  readonly event: object
}

/** Predictions evenly over two days, each a little different, so that a window that lacks one or has one too many shows. */
function steadyRows(random: () => number): Arrival[] {
  return Array.from({ length: rowsOfRun }, (_, i) => {
    const time = T0 + Math.floor((i * 2 * DAY) / rowsOfRun)
    const features = { amount: Math.round(random() * 1e4) / 100, age: 18 + Math.floor(random() * 60), job: 'cook' }
    return { at: time, time, event: predictionAt(`row-${i}`, time, { features, score: random() }) }
  })
}

/** Applies arrivals in their order, in batches of random sizes, and lets the source rest at the end. */
function run(arrivals: readonly Arrival[], random: () => number) {
  const desk = openDesk(room, { partitions: 1 })
  const sorted = [...arrivals].sort((a, b) => a.at - b.at)
  for (let from = 0; from < sorted.length; ) {
    const to = from + 1 + Math.floor(random() * 500)
    desk.send(
      0,
      sorted.slice(from, to).map(({ event }) => event),
      FAR,
    )
    if (random() < 0.2) desk.pipeline.commit()
    from = to
  }
  desk.rest(FAR + IDLE)
  desk.pipeline.commit()
  const windows = desk.windows()
  const watermark = desk.watermark()
  const counts = {
    predictions: desk.count('predictions'),
    late: desk.count('late'),
    future: desk.count('rejected/future_time'),
  }
  const sampled = desk.store.views.quarantine(1_000_000).map(({ reason }) => reason)
  desk.store.close()
  return { windows, counts, sampled, watermark }
}

/** What a window says, whatever it went through to say it. */
const said = (windows: ReturnType<typeof run>['windows']) => windows.map(({ revision: _, ...rest }) => rest)

test('rows out of order within the bound give what sorted rows give, first time', () => {
  const seed = testSeed()
  const rows = steadyRows(seeded(seed))
  const random = seeded(seed + 1)
  const sorted = run(rows, random)
  const shuffled = run(
    rows.map((row) => ({ ...row, at: row.time + random() * OUT_OF_ORDERNESS })),
    random,
  )
  assert.equal(sorted.counts.predictions, rowsOfRun)
  assert.ok(sorted.windows.length > 250, `${sorted.windows.length} windows`)
  assert.deepEqual(shuffled, sorted)
  assert.ok(shuffled.windows.every(({ revision }) => revision === 0))
  // The comparison would notice: twice the bound is more than the first evaluation can bear.
  const beyond = run(
    rows.map((row) => ({ ...row, at: row.time + random() * 20 * OUT_OF_ORDERNESS })),
    random,
  )
  assert.ok(beyond.windows.some(({ revision }) => revision > 0))
  proved({
    promise: 'G5',
    fault: 'Rows out of order within `outOfOrderness`',
    size: `${rowsOfRun.toLocaleString('en')} rows in random order within a minute`,
    outcome: 'every window equal to sorted input, at its first evaluation',
    test: TEST,
  })
})

test('rows late within the lateness are in every window in the end, and those after it are counted, one by one', () => {
  const seed = testSeed()
  const rows = steadyRows(seeded(seed))
  const random = seeded(seed + 1)
  const fates = rows.map((row) => {
    const dice = random()
    // Behind the newest row, of which the watermark is a minute behind.
    if (dice < 0.03) return { ...row, at: row.time + OUT_OF_ORDERNESS + random() * (LATENESS - OUT_OF_ORDERNESS) }
    if (dice < 0.04) return { ...row, at: row.time + DAY, isLate: true }
    return row
  })
  const isLate = (row: object) => 'isLate' in row
  // What comes a day late after the end of the stream is not beyond anything: it is late only while the stream went on.
  const end = T0 + 2 * DAY
  const arrivals = fates.filter((row) => !isLate(row) || row.at < end - LATENESS)
  const late = arrivals.filter(isLate)
  const disordered = run(arrivals, random)
  const sorted = run(
    arrivals.filter((row) => !isLate(row)).map((row) => ({ ...row, at: row.time })),
    random,
  )
  assert.ok(late.length > 10)
  assert.deepEqual(disordered.counts, { predictions: arrivals.length - late.length, late: late.length, future: 0 })
  assert.deepEqual(disordered.sampled, Array(Math.min(100, late.length)).fill('late'))
  assert.deepEqual(said(disordered.windows), said(sorted.windows))
  assert.ok(disordered.windows.some(({ revision }) => revision > 0))
  proved({
    promise: 'G5',
    fault: 'Rows late within and after `allowedLateness`',
    size: `3 % up to an hour late and 1 % a day late among ${rowsOfRun.toLocaleString('en')} rows`,
    outcome: 'final windows equal to sorted input; every row that was too late counted, and sampled',
    test: TEST,
  })
})

test('times of the far future and of 1970 move nothing: the watermark and every window are as without them', () => {
  const seed = testSeed()
  const rows = steadyRows(seeded(seed))
  const random = seeded(seed + 1)
  const clean = run(rows, random)
  const wrong = rows.slice(1).flatMap((row, i): Arrival[] => {
    const dice = random()
    if (dice > 0.02) return []
    const time = dice < 0.01 ? FAR + 6 * MINUTE + random() * 3_000 * DAY : Math.floor(random() * 1e9)
    return [{ at: row.at, time, event: predictionAt(`wrong-${i}`, time) }]
  })
  const future = wrong.filter(({ time }) => time > FAR).length
  const hostile = run([...rows, ...wrong], random)
  assert.ok(future > 20 && wrong.length - future > 20)
  assert.equal(hostile.watermark, clean.watermark)
  assert.deepEqual(hostile.counts, { predictions: rowsOfRun, late: wrong.length - future, future })
  assert.deepEqual(hostile.windows, clean.windows)
  proved({
    promise: 'G5',
    fault: 'Time stamps of the far future and of 1970',
    size: `1 % of each among ${rowsOfRun.toLocaleString('en')} rows`,
    outcome: 'watermark and windows as without them; each counted as future_time or late',
    test: TEST,
  })
})

const minutes = (from: number, to: number, prefix: string) =>
  Array.from({ length: to - from }, (_, i) => predictionAt(`${prefix}${from + i}`, T0 + (from + i) * MINUTE))

test('a partition that falls silent holds windows back for the idle time-out and no longer; all silent ones neither', () => {
  const { send, pipeline, batch, watermark, windows, store } = openDesk(room, { partitions: 3 })
  send(0, minutes(0, 61, 'a'), FAR, 0)
  send(1, minutes(0, 30, 'b'), FAR, 0)
  const look = (partition: number, steady: number) => pipeline.apply('stream', batch(partition, []), FAR, steady)
  // Partition 2 never spoke.
  for (let steady = 0; steady < IDLE; steady += 100) for (const one of [1, 2]) look(one, steady)
  assert.equal(watermark(), undefined)
  look(2, IDLE)
  assert.equal(watermark(), T0 + 29 * MINUTE - OUT_OF_ORDERNESS)
  look(1, IDLE)
  assert.equal(watermark(), T0 + 60 * MINUTE - OUT_OF_ORDERNESS)
  send(0, minutes(61, 65, 'a'), FAR, IDLE)
  pipeline.commit()
  assert.deepEqual(
    windows().map(({ end, samples }) => [end, samples]),
    [[T0 + HOUR, 90]],
  )
  // All silent: the watermark stands where the furthest is, and a later prediction goes on from there.
  look(0, 3 * IDLE)
  assert.equal(watermark(), T0 + 64 * MINUTE - OUT_OF_ORDERNESS)
  send(1, minutes(70, 71, 'b'), FAR, 4 * IDLE)
  assert.equal(watermark(), T0 + 70 * MINUTE - OUT_OF_ORDERNESS)
  store.close()
  proved({
    promise: 'G5',
    fault: 'Partitions that fall silent: one, one that never spoke, all',
    size: '3 partitions',
    outcome: 'windows close after `idleTimeout`, and not before',
    test: TEST,
  })
})

/** Two partitions; the second one's rows of an hour lie in the feed while the disk is full. `lies`: it is said to have nothing. */
async function heldUp({ lies }: { lies: boolean }) {
  let isFullDisk = false
  let steady = 0
  const desk = openDesk(room, {
    partitions: 2,
    wrap: (store) => ({
      ...store,
      commit(changes) {
        if (isFullDisk) throw new StoreError('full', 'the disk is full')
        store.commit(changes)
      },
    }),
  })
  const feed = new Feed({
    pipeline: desk.pipeline,
    clock: { now: () => FAR, steady: () => steady },
    commitIntervalMs: 0,
    commitRecordsMax: 1,
    committed: () => {},
    storeTrouble: () => {},
    retryMs: { first: 1, most: 1 },
  })
  const { batch } = feed.receiver('stream')
  await batch(desk.batch(0, minutes(0, 50, 'a')))
  await batch(desk.batch(1, minutes(0, 50, 'b')))
  isFullDisk = true
  const held = [batch(desk.batch(0, minutes(50, 55, 'a')))]
  const waiting = desk.batch(1, minutes(50, 70, 'b'))
  // Partition 0 is hours ahead, and hours pass by every clock, with looks that find partition 0 at its end.
  held.push(batch(desk.batch(0, minutes(55, 260, 'a'))))
  for (let hour = 0; hour < 6; hour++) {
    steady += HOUR
    held.push(batch(desk.batch(0, [])))
    if (lies) desk.pipeline.apply('stream', { ...desk.batch(1, []), nextOffset: 0, endOffset: 0 }, FAR, steady)
    await feed.tick()
  }
  held.push(batch(waiting))
  isFullDisk = false
  await Promise.all(held)
  steady += SECOND
  desk.send(0, minutes(260, 265, 'a'), FAR, steady)
  desk.send(1, minutes(70, 265, 'b'), FAR, steady)
  await feed.commit()
  const result = { late: desk.count('late'), windows: said(desk.windows()) }
  desk.store.close()
  return result
}

test('a partition that waits for a full disk is not silent: nothing of it is late, and no window closes without it', async () => {
  const { send, pipeline, windows, store } = openDesk(room, { partitions: 2 })
  send(0, minutes(0, 265, 'a'), FAR, 0)
  send(1, minutes(0, 265, 'b'), FAR, 0)
  pipeline.commit()
  const expected = said(windows())
  store.close()
  assert.deepEqual(await heldUp({ lies: false }), { late: 0, windows: expected })
  const broken = await heldUp({ lies: true })
  assert.ok(broken.late > 0, 'idleness that was only assumed went unnoticed: the test proves nothing')
  proved({
    promise: 'G5',
    fault: 'A partition held up by a full disk for hours',
    size: '2 partitions, 6 hours of the clock',
    outcome: 'not taken for silent: 0 late, windows as without it; a source that lies about it is caught',
    test: TEST,
  })
})
