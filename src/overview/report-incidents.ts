// What a report tells of an incident: what it was at its worst, how long it lasted, and what people and orchestrators did.

import { compose } from '../delivery/message.ts'
import { evidenceText, span } from '../delivery/wording.ts'
import type { Evidence, Incident } from '../incidents/incident.ts'
import { severityOf } from '../incidents/severity.ts'
import type { Judged } from '../monitors/verdict.ts'
import type { Store } from '../store/store.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import { requestsAbout } from './incident-deeds.ts'
import { timeLine } from './incident-time-line.ts'
import { excess } from './report-windows.ts'

/** Tests of an incident that are told. */
const EVIDENCE_MAX = 5
const PAGE = 100
/** Retraining requests of the model that are looked through. */
const REQUESTS_MAX = 200
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
  readonly history: ReadonlyArray<{
    /** Of verdicts the event time, of all else the time by the clock. */
    readonly at: string
    readonly text: string
    /** null: leeway itself. */
    readonly by: string | null
    /** Channels, each with what came of the message: `ml-team delivered`. */
    readonly told: readonly string[]
  }>
}

type Read = Pick<Store, 'views' | 'handling' | 'retraining' | 'references'>

interface Period {
  /** As they were asked for, both included, for ends of windows; null: as far as there is anything. */
  readonly from: Instant | null
  readonly to: Instant | null
  /** End of its last window. */
  readonly end: Instant
  /** When the report is written, by the clock. */
  readonly now: Instant
}

/** Those of a model version that people were told of and that went on in the period: what is not over first, then the gravest. */
export function incidentsOf(
  store: Read,
  { model, version, ...period }: Period & { model: string; version: string },
): ReportIncident[] {
  const all = { limit: Number.MAX_SAFE_INTEGER }
  const ofSources = store.views.incidents({ kind: 'no_data', ...all }).filter(({ silence }) => silence?.of === 'source')
  return store.views
    .incidents({ model, ...all })
    .concat(ofSources.filter(({ silence }) => silence?.models.includes(model)))
    .filter((incident) => incident.version === version || incident.silence !== undefined)
    .filter((incident) => isIn(incident, period))
    .flatMap((incident) => reportIncident(store, incident, period) ?? [])
    .sort(
      (a, b) =>
        Number(b.isOpen) - Number(a.isOpen) ||
        severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
        a.since.localeCompare(b.since) ||
        kinds.indexOf(a.kind) - kinds.indexOf(b.kind),
    )
}

/** The window that ends with the period is the last of it; a silence that begins at that moment is of the time after it. */
function isIn(incident: Incident, { from, to }: Pick<Period, 'from' | 'to'>): boolean {
  const { since, silence } = incident
  const begins = to === null || (silence === undefined ? since <= to : since < to)
  return begins && (from === null || (untilOf(incident) ?? from) >= from)
}

/**
 * End of the last window it is about, whenever that was judged: its labels may have come in another period. Of a silence, and of what a
 * decision ended within its first window, when it ended.
 */
function untilOf({ state, since, at, evidence }: Incident): Instant | null {
  if (state !== 'resolved') return null
  const last = Math.max(...evidence.map(({ end }) => end))
  return last > since ? last : at
}

function reportIncident(store: Read, incident: Incident, { end, to, now }: Period): ReportIncident | undefined {
  const transitions = store.views.incident(incident.id)?.transitions ?? []
  const firing = transitions.find(({ change }) => change === 'firing')
  if (firing === undefined) return undefined
  const { id, kind, severity, since, silence } = incident
  const until = untilOf(incident)
  const isOpen = until === null || (to !== null && until > to)
  const worst =
    incident.evidence.length === 0
      ? []
      : worstEvidence(store, incident, isOpen ? (to ?? Number.MAX_SAFE_INTEGER - 1) : until)
  // What does not come lasts by the clock: no window ends for it.
  const present = silence === undefined ? end : Math.min(to ?? now, now)
  const features = featuresOf(incident, worst)
  const { reopened: _, ...once } = incident
  const { title } = compose(
    {
      incident: { ...once, state: 'firing', features, evidence: worst },
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
    lasted: span(Math.max(0, (isOpen ? present : until) - since)),
    // The report names the model, and no source.
    title: silence?.of === 'source' ? title : title.slice(title.indexOf(': ') + 2),
    evidence: worst.slice(0, EVIDENCE_MAX).map(evidenceText),
    history: historyOf(store, incident),
  }
}

/** What of it moved, or was bad; features that may explain a loss are those that are known of it. */
function featuresOf({ kind, features }: Incident, worst: readonly Evidence[]): readonly string[] {
  if ((kind !== 'drift' && kind !== 'quality') || worst.length === 0) return features
  return [...new Set(worst.flatMap(({ feature }) => feature ?? []))]
}

/**
 * The tests of an incident in those windows up to `until` in which each was worst, the worst first: those that alarmed by then, for
 * what it is about today may have been quiet. Where none did, what its tests of today said.
 */
function worstEvidence({ views }: Read, incident: Incident, until: Instant): Evidence[] {
  const { model, version, since } = incident
  const keyOf = (window: string, monitor: string) => `${window}|${monitor}`
  const tests = new Set(incident.evidence.map(({ window, monitor }) => keyOf(window, monitor)))
  // Of its newest window, which may be after the period.
  const newest = incident.evidence.filter(({ end }) => end <= until)
  const found = new Map(newest.map((one) => [keyOf(one.window, one.monitor), one]))
  const quiet = new Map<string, Evidence>()
  for (const window of new Set(incident.evidence.map((one) => one.window))) {
    for (let next = since; next <= until; ) {
      const page = views.results({ model, version, window, from: next, to: until + 1, order: 'oldest', limit: PAGE })
      for (const { end, samples, labelled, verdicts } of page)
        for (const verdict of verdicts) {
          const key = keyOf(window, verdict.monitor)
          if (verdict.status === 'insufficient' || verdict.kind !== incident.kind) continue
          const isLoud = verdict.status === 'alarm' || verdict.status === severityOf(verdict.kind)
          if (!isLoud && !tests.has(key)) continue
          const worst = isLoud || found.has(key) ? found : quiet
          const known = worst.get(key)
          if (known === undefined || excess(verdict) > excess(known))
            worst.set(key, evidenceOf(verdict, { window, end, samples, labelled }))
        }
      const last = page.at(-1)
      if (last === undefined) break
      next = last.end + 1
    }
  }
  const monitors = new Set<string>()
  return [...(found.size > 0 ? found : quiet).values()]
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

/** What leeway, people and orchestrators did, in the words of the incident's page. */
function historyOf({ views, handling, retraining, references }: Read, incident: Incident): ReportIncident['history'] {
  const { id, model } = incident
  const found = views.incident(id)
  const requests = requestsAbout(id, retraining.list({ model, limit: REQUESTS_MAX }))
  const entries = timeLine(
    {
      id,
      transitions: found?.transitions ?? [],
      deliveries: found?.deliveries ?? [],
      deeds: handling.deeds(id),
      requests: requests.map((request) => ({ request, history: retraining.history(request.id) })),
      silences: [],
      accepted: references.list().filter((one) => one.incident === id),
    },
    incident.at,
  )
  return entries.map(({ at, window, title, text, by, told }) => ({
    at: window ?? at,
    text: [title, text].filter((part) => part !== '').join(': '),
    by,
    told: told.map(({ channel, outcome }) => `${channel} ${outcome}`),
  }))
}
