// Retraining in a running daemon: the orchestrators of the configuration in force, the requests, and what people may do about them.

import type { Document } from '../config/document.ts'
import type { Settings } from '../config/settings.ts'
import type { RetrainingSource } from '../http/retraining-routes.ts'
import { retrainingActionRoutes, retrainingReadRoutes } from '../http/retraining-routes.ts'
import type { Route } from '../http/route.ts'
import { createOutbound } from '../outbound/outbound.ts'
import type { Pipeline } from '../pipeline.ts'
import type { RetrainingDesk } from '../retraining/desk.ts'
import type { Orchestrator } from '../retraining/orchestrator.ts'
import type { PromoteReference } from '../retraining/promotion.ts'
import type { RetrainingRule } from '../retraining/rule.ts'
import type { Health } from '../telemetry/health.ts'
import { formatDuration } from '../time.ts'
import { orchestratorsOf } from './orchestrators.ts'
import type { PlannerOptions } from './planner.ts'
import { routesOf, rulesOf } from './planner.ts'
import type { RetrainingOptions } from './retraining.ts'
import { Retraining } from './retraining.ts'
import { createRetrainingDesk } from './retraining-desk.ts'

export interface RetrainingPartsOptions
  extends Pick<RetrainingOptions, 'store' | 'clock' | 'told' | 'metrics' | 'log' | 'onFailure' | 'probe' | 'fault'> {
  readonly document: () => Document
  readonly pipeline: () => Pipeline
  readonly promote: PromoteReference
  readonly health: Pick<Health, 'set'>
  readonly settings: Pick<Settings, 'publicUrl'>
  readonly options: Pick<PlannerOptions, 'deliver' | 'retraining' | 'mode'> & {
    /** In place of those of the document. */
    readonly orchestrators?: ReadonlyMap<string, Orchestrator>
  }
}

export interface RetrainingParts {
  readonly retraining: Retraining
  readonly desk: RetrainingDesk
  readonly routes: readonly Route[]
  readonly rules: () => ReadonlyMap<string, RetrainingRule>
  /** Makes the orchestrators of another document. @returns puts them into force @throws ConfigError */
  follow(document: Document): () => void
  /** Waits for the calls under way. */
  stop(): Promise<void>
}

/** @throws ConfigError when a secret cannot be read or is not one */
export function retrainingParts({
  document,
  pipeline,
  promote,
  health,
  options,
  ...rest
}: RetrainingPartsOptions): RetrainingParts {
  const { store, clock, log, onFailure } = rest
  const make = (of: Document) =>
    options.orchestrators ??
    (options.deliver
      ? orchestratorsOf(of, { outbound: createOutbound(of.network), clock })
      : new Map<string, Orchestrator>())
  let orchestrators = make(document())
  const rules = (): ReadonlyMap<string, RetrainingRule> => options.retraining ?? rulesOf(document())
  const inForce = { get: (model: string) => orchestrators.get(model) }
  const retraining = new Retraining({
    ...rest,
    rules,
    orchestrators: inForce,
    routes: () => routesOf(document(), options.deliver),
    random: Math.random,
    isReplay: options.mode === 'replay',
    referenceOf: (model, version) => referenceOf(pipeline(), model, version),
    promote: (request, version) =>
      promote({
        ...{ key: `retraining:${request.id}`, model: request.model, version, to: null, needsLabels: true },
        // Rows without the name of a version are the new one's only since the run.
        from: version === '' ? (request.outcome?.from ?? null) : null,
        by: { name: 'retraining', role: '', remote: '' },
        note: `retraining request ${request.id} has succeeded`,
      }),
    onTrouble(message) {
      health.set('retraining', message === null, message ?? 'writing')
      if (message !== null) log.error(message)
    },
  })
  const desk = createRetrainingDesk({ store, retraining, rules, orchestrators: inForce, clock })
  return {
    retraining,
    desk,
    rules,
    routes: [...retrainingReadRoutes(sourceOf(store, rules)), ...retrainingActionRoutes(desk)],
    follow(fresh) {
      const next = make(fresh)
      return () => {
        const before = orchestrators
        orchestrators = next
        // The next tick looks at them, when the rules are those of the same document.
        if (before !== next) closeAll(before).catch(onFailure)
      }
    },
    async stop() {
      await retraining.stop()
      await closeAll(orchestrators)
    },
  }
}

function sourceOf({ retraining }: RetrainingOptions['store'], rules: RetrainingOptions['rules']): RetrainingSource {
  return {
    list: (query) => retraining.list(query),
    request: (id) => retraining.request(id),
    history: (id) => retraining.history(id),
    automation() {
      const stopped = retraining.stopped()
      return [...rules().values()].map(({ model, target, approval }) => ({
        ...{ model, target, stopped: stopped.get(model) ?? null },
        approval: approval.is === 'automatic' ? `automatic after ${formatDuration(approval.afterMs)}` : approval.is,
      }))
    },
  }
}

async function closeAll(orchestrators: ReadonlyMap<string, Orchestrator>): Promise<void> {
  await Promise.all([...orchestrators.values()].map((orchestrator) => orchestrator.close()))
}

function referenceOf(pipeline: Pipeline, model: string, version: string): string | null {
  const watched = pipeline.models().find(({ name }) => name === model)
  const stream = watched?.streams.get(version)
  return stream?.subject.reference.id ?? watched?.reference?.id ?? null
}
