// What asks for retraining beside the incidents that fire: the calendar, labels, a new version, and incidents that come back.

import { askByItself, noMarks } from '../retraining/asking-by-itself.ts'
import type { RetrainingRequest, Step } from '../retraining/request.ts'
import { causeText, newRequest, step } from '../retraining/request.ts'
import type { RetrainingRule } from '../retraining/rule.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time.ts'
import { auditOf } from './retraining-writer.ts'

export interface RetrainingAsksOptions {
  readonly store: Pick<Store, 'retraining'>
  /** By model, as the configuration in force has them. */
  readonly rules: () => ReadonlyMap<string, RetrainingRule>
  readonly clock: Clock
}

/** What asks without an incident. */
export function askWithoutIncident({ store, clock, rules }: RetrainingAsksOptions): void {
  const now = clock()
  for (const model of store.retraining.marked())
    if (!asksByItself(rules().get(model))) store.retraining.ask([], { model, marks: noMarks })
  for (const rule of rules().values()) {
    if (!asksByItself(rule)) continue
    const { model } = rule
    const marks = store.retraining.marks(model)
    const { labels, labelsAtLastRun } = store.retraining.facts(model, now)
    const versions = store.retraining.versions(model, -1)
    const open = store.retraining.open().filter((request) => request.model === model)
    const isOurs = (version: string) =>
      open.some(
        ({ state, outcome }) => state === 'running' || (outcome !== null && (outcome.version ?? version) === version),
      )
    const { asks, marks: next } = askByItself(rule, marks, { labels, labelsAtLastRun, versions, isOurs, now })
    if (JSON.stringify(next) === JSON.stringify(marks)) continue
    // One that waits already stands for those that come after it.
    const fresh = asks.filter(
      ({ cause }) => !open.some((other) => other.cause.is === cause.is && other.outcome === null),
    )
    const rows = fresh.map((ask) => {
      const request = newRequest(ask, now)
      const asked = { request, change: 'asked', because: causeText(ask.cause) } as const
      return { request, at: now, audit: auditOf(request, asked, { deed: null, now }) }
    })
    store.retraining.ask(rows, { model, marks: next })
  }
}

/** An incident that has come back under its own name asks no second time; its request is taken up where no run had begun. */
export function askAgain(
  { store, clock, rules }: RetrainingAsksOptions,
  decide: (before: RetrainingRequest, decided: Step) => boolean,
): void {
  const now = clock()
  for (const request of store.retraining.returned()) {
    if (!rules().has(request.model)) continue
    const because = 'the incident that asked for it has come back'
    const fresh = { gates: [], approval: null, approvalAskedAt: null, askedAt: now }
    decide(request, step(request, 'asked', { at: now, state: 'asked', because, ...fresh }))
  }
}

function asksByItself(rule: RetrainingRule | undefined): boolean {
  return rule !== undefined && (rule.schedule !== null || rule.askAtLabels !== null || rule.askAtNewVersion)
}
