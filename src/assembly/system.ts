// How the running daemon is, gathered from its parts at the moment of a look.

import type { Document } from '../config/document.ts'
import { redactedText } from '../config/redacted.ts'
import type { Settings } from '../config/settings.ts'
import type { Drain } from '../delivery/drain.ts'
import type { ConfigurationView } from '../http/api.ts'
import type { SystemView } from '../overview/system.ts'
import { systemView } from '../overview/system.ts'
import type { Space } from '../store/space.ts'
import type { Store } from '../store/store.ts'
import type { Health } from '../telemetry/health.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Clock } from '../time.ts'
import type { Feed } from './feed.ts'
import type { IntakeGuard } from './intake-guard.ts'
import { sourcesInUse } from './intakes.ts'
import type { InForce } from './reload.ts'

export interface SystemParts {
  readonly version: string
  readonly settings: Settings
  readonly store: Store
  readonly inForce: InForce
  readonly feed: Pick<Feed, 'held'>
  readonly guard: Pick<IntakeGuard, 'gate' | 'memory'>
  readonly drain: Pick<Drain, 'channelStates'>
  readonly health: Health
  readonly metrics: Pick<Metrics, 'recent'>
  readonly space: () => Space
  readonly configuration: () => ConfigurationView
  readonly now: Clock
}

/** Newest messages among which those are looked for that failed. */
const DELIVERIES_LOOKED_AT = 500

/** Written anew only for another document: with hundreds of models it takes tens of milliseconds. */
const texts = new WeakMap<Document, string>()

function textOf(document: Document): string {
  const text = texts.get(document) ?? redactedText(document.written)
  texts.set(document, text)
  return text
}

export function systemOf(parts: SystemParts): () => SystemView {
  const { version, settings, store, inForce, feed, guard, drain, health, metrics, space, configuration, now } = parts
  const startedAt = Date.now() - process.uptime() * 1000
  return () => {
    const { document, pipeline } = inForce
    const progress = new Map(pipeline.progress().map((one) => [one.source, one]))
    const states = drain.channelStates()
    return systemView({
      ...{ now: now(), version, node: process.versions.node, startedAt },
      ...{ isReady: health.ready, checks: health.checks },
      sources: sourcesInUse(document).map(({ name, type }) => ({
        ...{ name, type, watermark: progress.get(name)?.watermark, partitions: progress.get(name)?.partitions ?? [] },
        models: [...document.models.values()].flatMap((model) => (model.source === name ? [model.name] : [])),
      })),
      pausedBy: guard.gate.holders,
      held: feed.held,
      counters: [...pipeline.counters(), ...store.views.storeCounters()],
      join: { waiting: store.waiting.size, waitingMax: settings.joinEntriesMax },
      outbox: {
        queued: store.views.queued(),
        oldestQueuedAt: store.views.oldestQueuedAt(),
        channels: [...document.channels.values()].map(({ name, type }) => ({
          name,
          type,
          state: states.get(name) ?? 0,
        })),
        deliveries: store.views.deliveries(DELIVERIES_LOOKED_AT),
      },
      store: { ...space(), directory: settings.stateDir, freeMinBytes: settings.stateFreeMinMib * 2 ** 20 },
      memoryShare: guard.memory.share,
      ...metrics.recent(),
      configuration: { ...configuration(), text: textOf(document) },
    })
  }
}
