// Where the metrics of a running daemon are read from, at the moment of a scrape.

import type { Drain } from '../delivery/drain.ts'
import type { Store } from '../store/store.ts'
import type { MetricsSource } from '../telemetry/metrics.ts'
import type { IntakeGuard } from './intake-guard.ts'
import type { InForce } from './reload.ts'

export interface MeasuredParts extends Pick<MetricsSource, 'version' | 'now' | 'space'> {
  readonly store: Store
  readonly inForce: () => InForce
  readonly guard: () => IntakeGuard
  readonly drain: () => Drain
}

export function metricsSource({ version, now, space, store, inForce, guard, drain }: MeasuredParts): MetricsSource {
  // What a model that is no longer configured was last said to be would stand still for ever.
  const isWatched = ({ model }: { readonly model: string }) => inForce().document.models.has(model)
  return {
    version,
    now,
    space,
    models: () => [...inForce().document.models.values()],
    latestResults: () => store.views.latestResults().filter(isWatched),
    counters: () => [...inForce().pipeline.counters(), ...store.views.storeCounters()],
    openIncidents: () =>
      [
        ...store.views.incidents({ state: 'firing', limit: 10_000 }),
        ...store.views.incidents({ state: 'clearing', limit: 10_000 }),
      ].filter((incident) =>
        incident.silence?.of === 'source'
          ? inForce().document.sources.has(incident.silence.source)
          : isWatched(incident),
      ),
    retraining: () => ({
      open: store.retraining.open().filter(isWatched),
      models: [...inForce().document.retraining.keys()],
      stopped: [...store.retraining.stopped().keys()],
    }),
    joinPending: () => store.waiting.size,
    oldestQueuedAt: () => store.views.oldestQueuedAt(),
    queued: () => store.views.queued(),
    channelStates() {
      const known = drain().channelStates()
      return new Map([...inForce().document.channels.keys()].map((name) => [name, known.get(name) ?? 0]))
    },
    progress: () => inForce().pipeline.progress(),
    intake: () => ({ pausedBy: guard().gate.holders, memoryShare: guard().memory.share }),
  }
}
