// What a report tells of an incident: what it was at its worst, how long it lasted, and what people and orchestrators did.

import { compose } from '../delivery/message.ts'
import { evidenceText, span } from '../delivery/wording.ts'
import type { Evidence, Incident } from '../incidents/incident.ts'
import type { Judged } from '../monitors/verdict.ts'
import type { Store } from '../store/store.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import { excess } from './report-windows.ts'

/** Tests of an incident that are told. */
const EVIDENCE_MAX = 5
const PAGE = 100
const severities: ReadonlyArray<Incident['severity']> = ['warning', 'alarm', 'critical']
/** Of those that are alike in all else, what it does, then what may explain it. */
const kinds: ReadonlyArray<Incident['kind']> = [
  ...(['performance', 'drift', 'quality', 'volume', 'estimated', 'no_data', 'stale_labels'] as const),
]

export interface ReportIncident {
  readonly id: string
  readonly kind: Incident['kind']
  readonly severity: Incident['severity']
  /** Whether it went on at the end of the period. */
  readonly isOpen: boolean
  readonly since: string
  /** When it ended; null while it goes on. */
  readonly until: string | null
  readonly lasted: string
  /** What it was at its worst, in words. */
  readonly title: string
  /** Its tests, each at its worst. */
  readonly evidence: readonly string[]
  readonly features: readonly string[]
  /** Oldest first. */
  readonly history: ReadonlyArray<{ readonly at: string; readonly text: string; readonly by: string | null }>
}

type Read = Pick<Store, 'views' | 'handling' | 'retraining'>

interface Period {
  /** End of its first window, and of its last. */
  readonly from: Instant
  readonly end: Instant
  /** What was asked for; null: up to now. */
  readonly to: Instant | null
}

/** Those of a model version that people were told of and that went on in the period: what is not over first, then the gravest. */
export function incidentsOf(
  store: Read,
  { model, version, ...period }: Period & { model: string; version: string },
): ReportIncident[] {
  const until = period.to ?? Number.POSITIVE_INFINITY
  return store.views
    .incidents({ model, limit: Number.MAX_SAFE_INTEGER })
    .filter((incident) => incident.version === version || incident.silence !== undefined)
    .filter((incident) => incident.since <= until && (untilOf(incident) ?? until) >= period.from)
    .flatMap((incident) => reportIncident(store, incident, period) ?? [])
    .sort(
      (a, b) =>
        Number(b.isOpen) - Number(a.isOpen) ||
        severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
        a.since.localeCompare(b.since) ||
        kinds.indexOf(a.kind) - kinds.indexOf(b.kind),
    )
}

function untilOf({ state, at }: Incident): Instant | null {
  return state === 'resolved' ? at : null
}

function reportIncident(store: Read, incident: Incident, { end, to }: Period): ReportIncident | undefined {
  const transitions = store.views.incident(incident.id)?.transitions ?? []
  const firing = transitions.find(({ change }) => change === 'firing')
  if (firing === undefined) return undefined
  const { id, kind, severity, since, features } = incident
  const until = untilOf(incident)
  const isOpen = until === null || (to !== null && until > to)
  const worst = incident.evidence.length === 0 ? [] : worstEvidence(store, incident, isOpen ? end : until)
  const { reopened: _, ...once } = incident
  const { title } = compose(
    {
      incident: { ...once, state: 'firing', evidence: worst },
      change: 'firing',
      because: firing.because,
      at: firing.at,
    },
    { publicUrl: null },
  )
  return {
    ...{ id, kind, severity, isOpen, features },
    since: formatInstant(since),
    until: isOpen ? null : formatInstant(until),
    lasted: span(Math.max(0, (isOpen ? end : until) - since)),
    title: title.slice(title.indexOf(': ') + 2),
    evidence: worst.slice(0, EVIDENCE_MAX).map(evidenceText),
    history: historyOf(store, id),
  }
}

/** The tests of an incident in the windows in which each was worst, the worst first. */
function worstEvidence({ views }: Read, incident: Incident, until: Instant): Evidence[] {
  const { model, version, since } = incident
  const found = new Map(incident.evidence.map((one) => [`${one.window}|${one.monitor}`, one]))
  for (const window of new Set(incident.evidence.map((one) => one.window))) {
    for (let next = since; next <= until; ) {
      const page = views.results({ model, version, window, from: next, to: until + 1, order: 'oldest', limit: PAGE })
      for (const { end, samples, labelled, verdicts } of page)
        for (const verdict of verdicts) {
          const key = `${window}|${verdict.monitor}`
          const known = found.get(key)
          if (known === undefined || verdict.status === 'insufficient' || excess(verdict) <= excess(known)) continue
          found.set(key, evidenceOf(verdict, { window, end, samples, labelled }))
        }
      const last = page.at(-1)
      if (last === undefined) break
      next = last.end + 1
    }
  }
  const monitors = new Set<string>()
  return [...found.values()]
    .sort((a, b) => excess(b) - excess(a))
    .filter(({ monitor }) => !monitors.has(monitor) && monitors.add(monitor))
}

function evidenceOf(verdict: Judged, of: Pick<Evidence, 'window' | 'end' | 'samples' | 'labelled'>): Evidence {
  const { monitor, kind, feature, metric, value, threshold, reference, low, high, pValue, calibrated } = verdict
  return {
    ...{ monitor, kind, feature, metric, value, threshold, reference, low, high, pValue, calibrated, ...of },
    ...(verdict.pair !== undefined && { pair: verdict.pair }),
    ...(verdict.errors !== undefined && { errors: verdict.errors }),
  }
}

const changes = {
  pending: 'over a threshold for the first time',
  firing: 'people are told',
  update: 'people are told news',
  resolved: 'over',
  withdrawn: 'passed',
} as const

/** What leeway, people and orchestrators did. */
function historyOf({ views, handling, retraining }: Read, id: string): ReportIncident['history'] {
  const found: Array<{ at: Instant; text: string; by: string | null }> = []
  for (const { at, change, because } of views.incident(id)?.transitions ?? [])
    found.push({ at, text: `${changes[change]}: ${because}`, by: null })
  for (const { at, kind, by, detail, via } of handling.deeds(id)) {
    const what = kind === 'comment' ? detail : `${kind}${detail === '' ? '' : ` (${detail})`}`
    found.push({ at, text: what, by: via === 'clock' ? null : by })
  }
  for (const { at, change, because, actor } of retraining.history(id))
    found.push({ at, text: `retraining ${change}: ${because}`, by: actor === '' ? null : actor })
  return found.sort((a, b) => a.at - b.at).map(({ at, ...rest }) => ({ at: formatInstant(at), ...rest }))
}
