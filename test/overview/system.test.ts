import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemView } from '../../src/overview/system.ts'
import type { DeliveryView } from '../../src/store/views.ts'
import { systemFacts } from '../build/system.ts'

test('a source says how far it is behind, in records and in time, by partition, the worst first', () => {
  const [source] = systemView(systemFacts()).sources
  assert.deepEqual([source?.status, source?.lag, source?.watermarkAgeMs, source?.models], ['reading', 10, 120_000, 1])
  assert.deepEqual(
    source?.partitions.map(({ topic, partition, lag }) => [topic, partition, lag]),
    [
      ['predictions', 0, 10],
      ['labels', 0, null],
      ['predictions', 1, 0],
    ],
  )
})

test('a halted partition, a source that cannot be read and a pause are told with their reason, and make a verdict', () => {
  const because = 'its topic was created anew'
  const halted = systemView(
    systemFacts({
      isReady: false,
      checks: [{ name: 'partition predictions/1 of source production', ok: false, because }],
    }),
  )
  assert.deepEqual([halted.status, halted.sources[0]?.status], ['alarm', 'halted'])
  assert.deepEqual(
    [halted.sources[0]?.partitions[0]?.partition, halted.sources[0]?.partitions[0]?.halted],
    [1, because],
  )
  const away = systemView(
    systemFacts({ checks: [{ name: 'source production', ok: false, because: 'no broker answers' }] }),
  )
  assert.deepEqual([away.sources[0]?.status, away.sources[0]?.because], ['unreadable', 'no broker answers'])
  const paused = systemView(systemFacts({ pausedBy: ['memory'] }))
  assert.deepEqual([paused.status, paused.sources[0]?.because], ['warning', 'memory is short'])
  assert.deepEqual(systemView(systemFacts()).troubles, [])
})

test('what came and what could not be used is counted over all models', () => {
  const { counts, rejected, lost } = systemView(systemFacts())
  assert.deepEqual([counts.predictions, counts.late, counts.duplicates, counts.unknownModel], [1_500, 3, 3, 5])
  assert.deepEqual(rejected, [
    { reason: 'bad_time', records: 9 },
    { reason: 'not_json', records: 4 },
  ])
  assert.deepEqual(lost, [{ source: 'production', partition: 'predictions/0', reason: 'retention', records: 6 }])
})

test('a channel that takes nothing says why, and messages that failed are listed', () => {
  const delivery: DeliveryView = {
    ...{
      key: 'k',
      channel: 'team',
      state: 'queued',
      toldIn: null,
      attempts: 3,
      detail: 'answered 503',
      queuedAt: 0,
      endedAt: null,
    },
  }
  const { outbox, status } = systemView(
    systemFacts({
      checks: [{ name: 'channel team', ok: false, because: 'five failures in a row', isVital: false }],
      outbox: {
        ...{ queued: 1, oldestQueuedAt: 0, channels: [{ name: 'team', type: 'slack', state: 2 }] },
        deliveries: [
          delivery,
          { ...delivery, key: 'l', attempts: 0 },
          { ...delivery, key: 'm', state: 'dead', attempts: 0 },
        ],
      },
    }),
  )
  assert.deepEqual(
    [status, outbox.channels[0]?.state, outbox.channels[0]?.because],
    ['warning', 'takes none', 'five failures in a row'],
  )
  assert.deepEqual(
    outbox.failures.map(({ key }) => key),
    ['k', 'm'],
  )
})

test('little space and a refused reload are warnings', () => {
  const { store, configuration } = systemFacts()
  const { troubles } = systemView(
    systemFacts({
      store: { ...store, freeBytes: 1 },
      configuration: {
        ...configuration,
        lastReload: { successful: false, at: 0, because: 'leeway.yaml:3: no such channel' },
      },
    }),
  )
  assert.deepEqual(
    troubles.map(({ what, status }) => [what, status]),
    [
      ['the newest reload of the configuration was refused', 'warning'],
      ['little space is free', 'warning'],
    ],
  )
})

test('of very many partitions those that are behind are listed, and nothing of it is a number that JSON does not have', () => {
  const [source] = systemFacts().sources
  const partitions = Array.from({ length: 1_000 }, (_, i) => ({
    topic: 't',
    partition: i,
    nextOffset: 0,
    endOffset: i,
  }))
  const view = systemView(systemFacts({ sources: [{ ...source, partitions } as NonNullable<typeof source>] }))
  assert.deepEqual([view.sources[0]?.partitions[0]?.partition, view.sources[0]?.leftOut], [999, 800])
  assert.deepEqual(JSON.parse(JSON.stringify(view)), view)
})
