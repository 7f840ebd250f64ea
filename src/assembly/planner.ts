// What follows from a transition outside the process, as the document asks for it.

import type { Document } from '../config/document.ts'
import type { RouteSettings } from '../config/route-settings.ts'
import { routeToAll } from '../config/route-settings.ts'
import type { Settings } from '../config/settings.ts'
import type { Plan, PlanSettings } from '../delivery/plan.ts'
import { planDelivery } from '../delivery/plan.ts'
import type { Transition } from '../incidents/incident.ts'
import type { RetrainingRule } from '../retraining/rule.ts'
import type { Log } from '../telemetry/log.ts'
import type { Instant } from '../time.ts'

export interface PlannerOptions {
  readonly settings: Pick<Settings, 'publicUrl'>
  /** Send to the channels and orchestrators of the document, or print only. */
  readonly deliver: boolean
  /** Left out: `live`. */
  readonly mode?: 'live' | 'replay'
  /** Rules by model, in place of those of the document: the demo's own. */
  readonly retraining?: ReadonlyMap<string, RetrainingRule>
  /** Told what is to be sent for a transition. */
  readonly onPlanned?: (transition: Transition, plan: Plan) => void
  readonly log: Log
}

/** What follows from a transition; the reason goes into the log. */
export function planner(
  document: Document,
  { settings, deliver, mode, retraining, onPlanned, log }: PlannerOptions,
  toBeSent: (plan: Plan) => Plan,
): (transition: Transition, now: Instant, labels?: number) => Plan {
  const { publicUrl } = settings
  const rules = deliver ? rulesOf(document) : (retraining ?? new Map())
  const plan: PlanSettings = { routes: routesOf(document, deliver), retraining: rules, publicUrl }
  // What a replay would have asked for was asked for when the past was the present, and by the labels that had come by then.
  const inItsTime = (planned: Plan, { at }: Transition, labels: number): Plan =>
    planned.trigger === null || mode !== 'replay'
      ? planned
      : { ...planned, trigger: { ...planned.trigger, askedAt: at, labels } }
  return (transition, now, labels = 0) => {
    const planned = inItsTime(planDelivery(transition, plan, now), transition, labels)
    if (transition.change === 'firing')
      log.info(
        { incident: transition.incident.id, asked: planned.trigger !== null, because: planned.because },
        'retraining considered',
      )
    onPlanned?.(transition, planned)
    return toBeSent(planned)
  }
}

/** Who is told of what. @param deliver false: everything goes to the console, and to nobody else */
export function routesOf(document: Document, deliver: boolean): readonly RouteSettings[] {
  return deliver ? document.routes : [routeToAll(['console'])]
}

/** What is retrained, and how. */
export function rulesOf({ retraining }: Document): ReadonlyMap<string, RetrainingRule> {
  return new Map([...retraining].map(([model, { rule }]) => [model, rule]))
}
