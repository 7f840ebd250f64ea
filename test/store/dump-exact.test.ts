import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { hashInto } from '../../src/events/id-hash.ts'
import { packEntry } from '../../src/join/entry.ts'
import { openDatabase } from '../../src/store/database.ts'
import { dumpExactly } from '../../src/store/dump-exact.ts'
import { openStore } from '../../src/store/store.ts'
import { encode } from '../../src/summaries/summary.ts'
import { changes, incident, notification, result } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

const DAY = 86_400_000
const IDS = 40

/** The same history, in so many commits, at another time of the wall clock, its streams numbered in another order. */
function write(
  t: TestContext,
  {
    commits,
    now,
    streams,
    label = 1,
  }: { commits: number; now: number; streams: readonly [number, number]; label?: number },
): string[] {
  const directory = stateDirectory(t)
  const store = openStore(directory)
  const [first, second] = streams
  for (let commit = 0; commit < commits; commit++) {
    for (let i = (commit * IDS) / commits; i < ((commit + 1) * IDS) / commits; i++) {
      const id = { high: 0, low: 0 }
      hashInto(id, `id ${i}`, 0)
      const time = (i % 3) * DAY
      const prediction = {
        kind: 'prediction',
        stream: first,
        time,
        prediction: 1,
        outputs: Float64Array.of(0.25),
        segments: [],
      } as const
      store.waiting.put(id, packEntry({ ...prediction, label: Number.NaN, labelTime: -1 }), time)
      store.waiting.put(id, packEntry({ ...prediction, label, labelTime: time + 5 }), time)
    }
    const isLast = commit === commits - 1
    store.commit(
      changes({
        streams:
          commit > 0
            ? []
            : [
                { index: first, model: 'm', version: '1' },
                { index: second, model: 'm', version: '2' },
              ],
        positions: [
          {
            source: 's',
            topic: 't',
            partition: 0,
            nextOffset: ((commit + 1) * IDS) / commits,
            highestTime: 2 * DAY,
            last: null,
          },
        ],
        counters: [{ name: 'predictions', model: 'm', version: '1', value: ((commit + 1) * IDS) / commits }],
        documents: [
          { name: `stream/${second}`, json: '{"panes":[0]}' },
          { name: 'clock/', json: String(now) },
        ],
        ...(isLast && {
          panes: [{ stream: second, segment: '', part: 'inputs', start: 0, cells: cells() }],
          results: [result()],
          incidents: [incident()],
          transitions: [{ incidentId: 'i1', sequence: 1, change: 'firing' as const, because: 'over it', at: 2 }],
          notifications: [notification({ queuedAt: now, dueAt: now })],
        }),
      }),
    )
  }
  store.outbox.postponed('k1', now + 5, 'the receiver is away')
  store.outbox.delivered('k1', now + 9, `at ${now}`)
  store.close()
  const db = openDatabase(directory, { readOnly: true })
  const lines = [...dumpExactly(db)].map((line) => JSON.stringify(line))
  db.close()
  return lines
}

const cells = (): Uint8Array => encode(Float64Array.of(3, 0, 7))

test('states with the same history print the same lines, whatever their commits, streams, tries and clocks', (t) => {
  const one = write(t, { commits: 1, now: 1_000, streams: [0, 1] })
  const many = write(t, { commits: 20, now: 77_000, streams: [1, 0] })
  assert.deepEqual(many, one)
  const types = new Set(one.map((line) => JSON.parse(line).type))
  for (const type of [
    'position',
    'counter',
    'pane',
    'waiting',
    'result',
    'incident',
    'transition',
    'notification',
    'stream',
  ])
    assert.ok(types.has(type), `no line of type ${type}`)
})

test('a single other label is seen', (t) => {
  const one = write(t, { commits: 4, now: 1_000, streams: [0, 1] })
  const other = write(t, { commits: 4, now: 1_000, streams: [0, 1], label: 0 })
  assert.equal(other.filter((line, i) => line !== one[i]).length, IDS)
})
