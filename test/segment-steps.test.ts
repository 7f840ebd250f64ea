// Segments are judged in steps: whoever looks in between finds nothing that is half done, and what is said is the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Decoder } from '../src/events/decode.ts'
import { canonicalDecoder } from '../src/events/decode.ts'
import type { Batch } from '../src/sources/source.ts'
import type { Store } from '../src/store/store.ts'
import { testSeed } from './build/random.ts'
import { HOUR, openDesk, story, T0 } from './build/segment-desk.ts'

const seed = testSeed()

const batchOf = (records: readonly unknown[]): Batch => ({
  ...{ topic: 't', partition: 0, nextOffset: records.length, endOffset: records.length },
  records: records.map((record, offset) => ({ offset, timestamp: null, value: Buffer.from(JSON.stringify(record)) })),
})

const said = ({ views }: Store) => [
  views.results({ limit: 1_000 }),
  ...['1h', '6h'].map((window) =>
    views.segmentResults({ model: 'm', version: '', window, from: 0, to: T0 + 99 * HOUR }),
  ),
]

test('a window takes at least a step for each of its segments, and nothing is committed between two of them', () => {
  const desk = openDesk()
  const steps = desk.pipeline.applyInSteps('s', batchOf(story(seed, 300).events), T0)
  let count = 0
  while (steps.next().done !== true) {
    count++
    assert.throws(() => desk.pipeline.commit(), /still to be judged/)
  }
  desk.pipeline.commit()
  const results = said(desk.store).slice(1).flat()
  assert.ok(results.length > 50 && count >= results.length, `${count} steps, ${results.length} results`)
  desk.store.close()
})

test('what a window takes holds its segments, and not what others did between their steps', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => ++now)
  const took: Array<{ steps: number; durationMs: number }> = []
  let steps = 0
  const desk = openDesk({
    observer: {
      evaluated({ segments }, durationMs) {
        if (segments !== null) took.push({ steps, durationMs })
        steps = 0
      },
    },
  })
  const work = desk.pipeline.applyInSteps('s', batchOf(story(seed, 300).events), T0)
  while (work.next().done !== true) {
    steps++
    now += 10_000
  }
  assert.ok(took.length > 10 && took.some(({ steps }) => steps > 5), JSON.stringify(took))
  for (const { steps, durationMs } of took)
    assert.ok(durationMs >= steps && durationMs < 10_000, `${durationMs} for ${steps} steps`)
  desk.store.close()
})

/** A record that says several things, one after another. */
const several: Decoder = {
  decode(value, sink) {
    const one = canonicalDecoder({ defaultModel: 'm' })
    for (const event of JSON.parse(String(value))) one.decode(Buffer.from(JSON.stringify(event)), sink)
  },
}

test('what a record says after the event that ends a window is no part of what is said of its segments', () => {
  const desk = openDesk({ decoder: several })
  const row = (id: string, time: number) => ({
    ...{ type: 'prediction', id, model: 'm', time, score: 0.7, prediction: '1', segments: { country: 'DE' } },
    features: { n0: 0, n1: 0, n2: 0, c: 'v1' },
  })
  const label = { type: 'label', id: 'early', model: 'm', time: T0 + HOUR, label: '1' }
  // The second row moves the watermark past the end of the first hour, in which the first row lies.
  desk.pipeline.apply('s', batchOf([[row('early', T0)], [row('late', T0 + 1.5 * HOUR), label]]), T0)
  desk.pipeline.commit()
  const first = said(desk.store)[1]?.find(({ segment, end }) => segment === 'country=DE' && end === T0 + HOUR)
  assert.deepEqual([first?.samples, first?.labelled], [1, 0])
  desk.end()
  const last = said(desk.store)[1]?.find(({ segment, end }) => segment === 'country=DE' && end === T0 + HOUR)
  assert.deepEqual([last?.samples, last?.labelled], [1, 1])
  desk.store.close()
})
