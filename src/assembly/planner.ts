// What follows from a transition outside the process, as the document asks for it.

import type { Document } from '../config/document.ts'
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
  /** Rules by model, in place of those of the document: the demo's own. */
  readonly retraining?: ReadonlyMap<string, RetrainingRule>
  /** Told what is to be sent for a transition. */
  readonly onPlanned?: (transition: Transition, plan: Plan) => void
  readonly log: Log
}

/** What follows from a transition; the reason goes into the log. */
export function planner(
  document: Document,
  { settings, deliver, retraining, onPlanned, log }: PlannerOptions,
  toBeSent: (plan: Plan) => Plan,
): (transition: Transition, now: Instant) => Plan {
  const plan = deliver ? planSettingsOf(document, settings.publicUrl) : consolePlan(settings.publicUrl, retraining)
  return (transition, now) => {
    const planned = planDelivery(transition, plan, now)
    if (transition.change === 'firing')
      log.info(
        { incident: transition.incident.id, asked: planned.trigger !== null, because: planned.because },
        'retraining considered',
      )
    onPlanned?.(transition, planned)
    return toBeSent(planned)
  }
}

/** Who is told of what, and whom is asked to retrain. */
export function planSettingsOf(document: Document, publicUrl: string | null): PlanSettings {
  const retraining = new Map([...document.retraining].map(([model, { rule }]) => [model, rule]))
  return { routes: document.routes, retraining, publicUrl }
}

/** Everything goes to the console; an orchestrator is asked only when `retraining` says so. */
function consolePlan(publicUrl: string | null, retraining: PlanSettings['retraining'] = new Map()): PlanSettings {
  return { routes: [{ model: null, kind: null, severity: null, to: ['console'] }], retraining, publicUrl }
}
