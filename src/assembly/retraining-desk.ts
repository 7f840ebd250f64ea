// What people do about retraining: the port of `retraining/desk.ts` on the store.

import { hashHex } from '../events/id-hash.ts'
import type { Effect, Person } from '../handling/deeds.ts'
import type { Decided } from '../retraining/deciding.ts'
import { approve, refuse, resolveUnknown, veto } from '../retraining/deciding.ts'
import type { RetrainingDesk } from '../retraining/desk.ts'
import type { Orchestrator } from '../retraining/orchestrator.ts'
import type { RetrainingRequest } from '../retraining/request.ts'
import { incidentOf, newRequest } from '../retraining/request.ts'
import type { RetrainingRule } from '../retraining/rule.ts'
import type { AuditEntry } from '../store/audit.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { Retraining } from './retraining.ts'

export interface DeskOptions {
  readonly store: Pick<Store, 'retraining' | 'views'>
  readonly retraining: Pick<Retraining, 'decide' | 'tick'>
  readonly rules: () => ReadonlyMap<string, RetrainingRule>
  readonly orchestrators: Pick<ReadonlyMap<string, Orchestrator>, 'get'>
  readonly clock: Clock
}

export function createRetrainingDesk({ store, retraining, rules, orchestrators, clock }: DeskOptions): RetrainingDesk {
  /** One deed about a request. What it leads to is looked at when whoever did it has the answer. */
  function deed(action: string, id: string, by: Person, decided: (request: RetrainingRequest) => Decided): Effect {
    const request = store.retraining.request(id)
    if (request === undefined) return no(`there is no retraining request ${id}`)
    const step = decided(request)
    if ('refused' in step) return no(step.refused)
    if (!retraining.decide(request, step, { by, action })) return deed(action, id, by, decided)
    queueMicrotask(() => retraining.tick())
    return done(step.because)
  }

  function automation(model: string, stopped: { because: string } | null, by: Person): Effect {
    const action = stopped === null ? 'resume automation' : 'stop automation'
    if (by.role === 'viewer') return no(`to ${action} needs the role operator, ${by.name} is ${by.role}`)
    if (!rules().has(model)) return no(unknownModel(model, rules()))
    const before = store.retraining.stopped().get(model)
    if (stopped !== null && before !== undefined)
      return no(`it is stopped by ${before.by} since ${formatInstant(before.at)} already`)
    if (stopped === null && before === undefined) return no('it is not stopped')
    const now = clock()
    const detail =
      stopped === null ? `resumed by ${by.name}` : `stopped by ${by.name}${stopped.because && `: ${stopped.because}`}`
    const audit = auditOf(by, { action, target: model, detail, now })
    store.retraining.setAutomation(
      model,
      stopped === null ? null : { by: by.name, because: stopped.because, at: now },
      audit,
    )
    queueMicrotask(() => retraining.tick())
    return done(detail)
  }

  return {
    approve: (id, by) => deed('approve retraining', id, by, (request) => approve(request, by, clock())),
    refuse: (id, because, by) => deed('refuse retraining', id, by, (request) => refuse(request, because, by, clock())),
    veto: (id, because, by) =>
      deed('veto retraining', id, by, (request) => {
        const rule = rules().get(request.model)
        if (rule === undefined) return { refused: unknownModel(request.model, rules()) }
        return veto(request, because, { by, rule, now: clock() })
      }),
    resolveUnknown: (id, found, run, by) =>
      deed('resolve retraining', id, by, (request) => {
        const canPoll = orchestrators.get(request.model)?.poll !== undefined
        return resolveUnknown(request, { found, run, canPoll, by, now: clock() })
      }),
    stopAutomation: (model, because, by) => automation(model, { because }, by),
    resumeAutomation: (model, by) => automation(model, null, by),
    request(wish, by) {
      const refused = (detail: string) => ({ ...no(detail), request: null })
      const rule = rules().get(wish.model)
      if (by.role === 'viewer') return refused(`to ask for a run needs the role operator, ${by.name} is ${by.role}`)
      if (rule === undefined) return refused(unknownModel(wish.model, rules()))
      const incident = wish.incident === null ? undefined : store.views.incident(wish.incident)?.incident
      if (wish.incident !== null && incident?.model !== wish.model)
        return refused(`there is no incident ${wish.incident} of ${wish.model}`)
      const open = store.retraining
        .open()
        .find((other) => incident !== undefined && other.outcome === null && incidentOf(other)?.id === incident.id)
      if (open !== undefined) return refused(`request ${open.id} is about this incident already: it is ${open.state}`)
      const now = clock()
      const version = incident?.version ?? store.retraining.versions(wish.model, -1).at(-1)?.version ?? ''
      const ask = {
        // Asked twice by the same request, it is one.
        id: hashHex(JSON.stringify(['hand', wish.model, by.name, by.request])),
        ...{ model: wish.model, version, target: rule.target },
        cause: { is: 'hand', by: by.name, because: wish.because, incident: incident ?? null },
      } as const
      const approval = by.role === 'approver' ? { by: by.name, via: by.via, at: now } : null
      const request: RetrainingRequest = { ...newRequest(ask, now), approval }
      const detail = `${wish.model}: request ${ask.id}: ${wish.because}`
      const audit = auditOf(by, { action: 'request retraining', target: ask.id, detail, now })
      store.retraining.ask([{ request, at: now, audit }], null)
      queueMicrotask(() => retraining.tick())
      return { ...done(`asked for: ${ask.id}`), request: ask.id }
    },
  }
}

function done(detail: string): Effect {
  return { outcome: 'done', detail, isAudited: true }
}

function no(detail: string): Effect {
  return { outcome: 'refused', detail }
}

function unknownModel(model: string, rules: ReadonlyMap<string, RetrainingRule>): string {
  return `no retraining is configured for ${model}; it is for: ${[...rules.keys()].join(', ') || 'no model'}`
}

function auditOf(
  by: Person,
  { action, target, detail, now }: { action: string; target: string; detail: string; now: number },
): AuditEntry {
  const { name: actor, role, remote, request } = by
  return { at: now, request, actor, role, remote, action, target, outcome: 'done', detail }
}
