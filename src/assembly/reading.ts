// The sources being read: what they bring is applied and committed, and a rebuild of the state ends when they have caught up.

import type { SourceSettings } from '../config/source-settings.ts'
import type { Position } from '../store/changes.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { FeedOptions } from './feed.ts'
import { Feed } from './feed.ts'
import type { IntakeGuard } from './intake-guard.ts'
import type { QuietRebuild, RebuildWatch } from './quiet-rebuild.ts'
import { Readers } from './readers.ts'
import type { InForce } from './reload.ts'
import { identityOf } from './sources.ts'

export interface ReadingOptions extends Pick<FeedOptions, 'clock' | 'storeTrouble'> {
  readonly settings: Pick<FeedOptions, 'commitIntervalMs' | 'commitRecordsMax'>
  readonly inForce: InForce
  readonly guard: Pick<IntakeGuard, 'gate' | 'memory'>
  readonly rebuild: QuietRebuild
  readonly metrics: Pick<Metrics, 'committed'>
  /** Told after each commit what is now safe. */
  readonly committed: (positions: readonly Position[]) => void
  /** There may be messages to send that were not before. */
  readonly queued: () => void
  readonly onFailure: (error: unknown) => void
}

export interface Reading {
  readonly feed: Feed
  readonly readers: Readers
  /** Looks whether a rebuild of the state is over. */
  readonly watching: RebuildWatch
}

export function openReading(options: ReadingOptions): Reading {
  const { settings, inForce, clock, guard, rebuild, metrics, queued, onFailure } = options
  const feed = new Feed({
    pipeline: inForce.pipeline,
    clock,
    commitIntervalMs: settings.commitIntervalMs,
    commitRecordsMax: settings.commitRecordsMax,
    committed: (positions, durationMs) => {
      metrics.committed(durationMs)
      options.committed(positions)
      watching.look()
      queued()
      readers.committed(positions)
    },
    storeTrouble: options.storeTrouble,
    gate: guard.gate,
    onBatch: () => guard.memory.look(),
  })
  const watching = rebuild.watch({
    reading: () => ({
      assigned: feed.assigned,
      progress: inForce.pipeline.progress(),
      isCommitted: inForce.pipeline.uncommitted === 0 && !inForce.pipeline.hasNews,
    }),
    now: clock.now,
    ended: queued,
    fail: onFailure,
  })
  const settingsOf = (source: string) => inForce.document.sources.get(source) as SourceSettings
  const readers = new Readers({
    feed,
    isFile: (source) => settingsOf(source).type === 'file',
    identityOf: (source) => identityOf(settingsOf(source)),
    onFailure,
  })
  return { feed, readers, watching }
}
