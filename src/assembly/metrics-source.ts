// Where the metrics of a running daemon are read from, at the moment of a scrape.

import type { Drain } from '../delivery/drain.ts'
import type { OpenIncident } from '../overview/fleet-board.ts'
import type { Store } from '../store/store.ts'
import type { Views } from '../store/views.ts'
import type { MetricsSource } from '../telemetry/metrics.ts'
import type { NewestWindow } from '../telemetry/window-lines.ts'
import type { IntakeGuard } from './intake-guard.ts'
import type { InForce } from './reload.ts'

export interface MeasuredParts extends Pick<MetricsSource, 'version' | 'now' | 'space'> {
  readonly store: Store
  readonly inForce: () => InForce
  readonly guard: () => IntakeGuard
  readonly drain: () => Drain
  readonly openIncidents: () => Promise<readonly OpenIncident[]>
}

/** Found in the index; what has changed is read when it is asked for. */
export function newestOf(
  views: Pick<Views, 'newestWindows' | 'results'>,
): Array<NewestWindow & { readonly model: string }> {
  return views.newestWindows().map(({ model, version, window, end, revision }) => ({
    model,
    sequence: JSON.stringify([model, version, window]),
    stamp: `${end}|${revision}`,
    read: () => views.results({ model, version, window, from: end, to: end + 1, limit: 1 })[0],
  }))
}

export function metricsSource({
  version,
  now,
  space,
  store,
  inForce,
  guard,
  drain,
  openIncidents,
}: MeasuredParts): MetricsSource {
  // What a model that is no longer configured was last said to be would stand still for ever.
  const isWatched = ({ model }: { readonly model: string }) => inForce().document.models.has(model)
  return {
    version,
    now,
    space,
    models: () => [...inForce().document.models.values()],
    newest: () => newestOf(store.views).filter(isWatched),
    segments: () =>
      inForce()
        .pipeline.models()
        .flatMap(({ streams }) => [...streams.values()].flatMap(({ segments }) => segments?.news ?? [])),
    counters: () => [...inForce().pipeline.counters(), ...store.views.storeCounters()],
    openIncidents: async () =>
      (await openIncidents()).filter((incident) =>
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
