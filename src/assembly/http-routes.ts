// All that is served over HTTP beside probes and metrics: which part of the daemon answers which question.

import { actionRoutes } from '../http/actions.ts'
import type { ConfigurationView } from '../http/api.ts'
import { apiRoutes } from '../http/api.ts'
import { fleetRoute } from '../http/fleet-routes.ts'
import type { Live } from '../http/live.ts'
import { liveRoute } from '../http/live.ts'
import { meRoute } from '../http/me-route.ts'
import { modelRoutes } from '../http/model-routes.ts'
import type { Route } from '../http/route.ts'
import { segmentsRoute } from '../http/segments-routes.ts'
import { systemRoutes } from '../http/system-routes.ts'
import { uiRoutes } from '../http/ui-routes.ts'
import { backtestRoutes } from './backtest.ts'
import type { Fleet } from './fleet.ts'
import type { HandlingParts } from './handling.ts'
import type { TokensInForce } from './http.ts'
import { incidentOverviewRoutes } from './incident-overview.ts'
import type { ModelPages } from './model-pages.ts'
import { modelViews } from './model-views.ts'
import type { ReferenceDesk } from './reference-desk.ts'
import { referenceRoutes } from './reference-views.ts'
import type { Reload } from './reload.ts'
import { effectOf } from './reload-effect.ts'
import type { RetrainingParts } from './retraining-parts.ts'
import { segmentsOf } from './segments.ts'
import type { SystemParts } from './system.ts'
import { systemOf } from './system.ts'
import type { TrustedClock } from './trusted-clock.ts'
import { uiAssets } from './ui-assets.ts'

export interface ServedParts extends Omit<SystemParts, 'configuration' | 'now'> {
  readonly clock: Pick<TrustedClock, 'now'>
  readonly tokens: TokensInForce
  readonly reload: Reload
  readonly references: ReferenceDesk
  readonly retraining: RetrainingParts
  readonly handling: HandlingParts
  readonly fleet: Fleet
  readonly modelPages: ModelPages
  readonly live: Live
}

export function httpRoutes(parts: ServedParts): readonly Route[] {
  const { store, inForce, clock, tokens, reload, references, handling, retraining, fleet, modelPages, live } = parts
  const pipeline = () => inForce.pipeline
  const document = () => inForce.document
  const configuration = () => configurationView(parts)
  return [
    meRoute(() => tokens.current !== undefined),
    ...apiRoutes({
      ...{ views: store.views, models: () => modelViews(pipeline(), document()), configuration },
      present: () => fleet.present(),
    }),
    ...actionRoutes({ reload: async () => effectOf(await reload.reload()) }),
    ...incidentOverviewRoutes({ store, pipeline, handling, retraining, tokens, fleet }),
    ...referenceRoutes(references, store, pipeline),
    ...handling.routes,
    ...retraining.routes,
    fleetRoute((query) => fleet.view(query)),
    ...modelRoutes(modelPages),
    ...backtestRoutes(store, document),
    segmentsRoute(segmentsOf(store.views, pipeline)),
    liveRoute(live),
    ...systemRoutes(systemOf({ ...parts, now: clock.now, configuration }), store.views),
    ...uiRoutes(uiAssets()),
  ]
}

function configurationView({ inForce, reload }: Pick<ServedParts, 'inForce' | 'reload'>): ConfigurationView {
  const { document, since } = inForce
  return { file: document.file, hash: document.hash, since, lastReload: reload.last }
}
