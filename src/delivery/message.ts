// What a person is told of an incident: what, since when, how much against which threshold, on how many rows, and where to look.

import type { Evidence, Incident, Transition } from '../incidents/incident.ts'
import type { MonitorKind } from '../monitors/verdict.ts'
import { formatInstant } from '../time.ts'
import type { Message } from './notification.ts'
import { silenceParagraphs, silenceTitle } from './silence-wording.ts'
import { count, evidenceText, metricName, percent, plainNumber, pValueText, span, withInterval } from './wording.ts'

/** Features that a message names. */
const FEATURES_MAX = 5

const subjects: Readonly<Record<MonitorKind, string>> = {
  drift: 'data drift',
  performance: 'performance',
  estimated: 'estimated performance',
  quality: 'data quality',
  volume: 'volume',
  no_data: 'data',
  stale_labels: 'labels',
}

/** @param options.publicUrl address under which people reach the daemon, without a slash at its end */
export function compose(transition: Transition, { publicUrl }: { publicUrl: string | null }): Message {
  const { incident, change, at } = transition
  const { id, model, version, kind, severity } = incident
  return {
    change,
    incidentId: id,
    model,
    version,
    kind,
    severity,
    title: titleOf(transition),
    paragraphs: paragraphsOf(transition),
    features: incident.features.slice(0, FEATURES_MAX).map((name) => ({ name, detail: featureDetail(incident, name) })),
    link: publicUrl === null ? null : `${publicUrl}/ui/incidents/${id}`,
    at,
  }
}

/** A model version as people call it. */
export function nameOf({ model, version }: { model: string; version: string }): string {
  return version === '' ? model : `${model} ${version}`
}

function paragraphsOf(transition: Transition): string[] {
  const { silence } = transition.incident
  if (silence !== undefined) return silenceParagraphs(silence, transition)
  return transition.change === 'resolved' ? resolvedParagraphs(transition) : firingParagraphs(transition)
}

function titleOf(transition: Transition): string {
  const { incident, change } = transition
  const name = nameOf(incident)
  if (incident.silence !== undefined) return `${name}: ${silenceTitle(incident.silence, transition)}`
  if (change === 'resolved' && transition.isDecided) return `${name}: ${subjects[incident.kind]}: ${transition.because}`
  if (change === 'resolved') return `${name}: ${subjects[incident.kind]} is back to normal`
  return `${name}: ${headlineOf(incident, prefixOf(transition))}`
}

/**
 * What is wrong, in a few words and without the name of the model: `recall 0.81 → 0.72 (0.70–0.74)`, `drifting in income, job`.
 *
 * @param incident about windows: what does not come any more has words of its own, `silenceTitle`
 * @param prefix such as `still `
 */
export function headlineOf(
  { kind, features, evidence }: Pick<Incident, 'kind' | 'features' | 'evidence'>,
  prefix = '',
): string {
  const [worst] = evidence
  if (worst === undefined) return `${subjects[kind]} alarm`
  switch (kind) {
    case 'drift':
      return `${prefix}drifting in ${features.length > 0 ? listed(features) : jointly(worst)}`
    case 'quality':
      return `${prefix}bad data in ${listed(features)}`
    case 'volume':
      return `${prefix}too few rows, ${count(worst.value)} where ${count(worst.reference ?? 0)} are expected`
    case 'estimated':
      return `${prefix}estimated ${metricName(worst.metric)} ${plainNumber(worst.reference ?? 0)} → ${withInterval(worst.value, worst.low, worst.high)}, not confirmed by labels`
    case 'performance':
      if (worst.errors !== undefined)
        return `${prefix}more errors, ${percent(worst.errors.reference)} → ${percent(worst.errors.current)}`
      return `${prefix}${metricName(worst.metric)} ${plainNumber(worst.reference ?? 0)} → ${withInterval(worst.value, worst.low, worst.high)}`
    default:
      return `${subjects[kind]} alarm`
  }
}

/** How this message goes on from an earlier one about the same incident. */
function prefixOf({ incident, change, escalates }: Transition): string {
  if (escalates === true) return 'now critical, '
  if (change === 'update') return 'still '
  return incident.reopened === undefined ? '' : 'again '
}

/** What moved when no feature did by itself. */
function jointly({ pair }: Evidence): string {
  return pair === undefined ? 'how its features go together' : `the correlation of ${pair.features.join(' and ')}`
}

/** `income, job, age and 2 more` */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}

function firingParagraphs({ incident, because, at }: Transition): string[] {
  const [worst] = incident.evidence
  const paragraphs = [worstOfEach(incident.evidence).slice(0, FEATURES_MAX).map(evidenceText).join('; ')]
  const lasted = at > incident.since ? ` (${span(at - incident.since)} of event time)` : ''
  paragraphs.push(`Since ${formatInstant(incident.since)}${lasted}; ${because}.`)
  if (worst !== undefined) paragraphs.push(basisOf(worst))
  if (incident.kind === 'performance' && incident.features.length > 0) {
    paragraphs.push(`Features that moved in the same window: ${incident.features.slice(0, FEATURES_MAX).join(', ')}.`)
  }
  const related = (incident.relatedTo ?? []).map(({ id, kind }) => `${subjects[kind]} (incident ${id})`)
  if (related.length > 0) paragraphs.push(`Active at the same time: ${related.join(', ')}.`)
  return paragraphs
}

/** Windows of two sizes may say the same of a feature: it is told once, by the worse. */
export function worstOfEach(evidence: readonly Evidence[]): readonly Evidence[] {
  const seen = new Set<string>()
  return evidence.filter(({ monitor }) => !seen.has(monitor) && seen.add(monitor))
}

/** On what the judgement rests. */
function basisOf({ window, end, samples, labelled, kind, pValue, calibrated }: Evidence): string {
  const rows =
    kind === 'performance' ? `${count(labelled)} labelled of ${count(samples)} rows` : `${count(samples)} rows`
  const evidence = pValue === null ? '' : `, ${pValueText(pValue)}`
  const noise = calibrated
    ? ''
    : ` How much windows of ${window} differ by chance could not be learnt (the reference is too short); a cautious guess is used.`
  return `Judged on ${rows} in the window of ${window} that ends ${formatInstant(end)}${evidence}.${noise}`
}

function resolvedParagraphs({ incident, because, at }: Transition): string[] {
  const lasted = `It lasted ${span(Math.max(0, at - incident.since))} of event time, since ${formatInstant(incident.since)}; ${because}.`
  const last = worstOfEach(incident.evidence).slice(0, FEATURES_MAX).map(evidenceText)
  return last.length === 0 ? [lasted] : [lasted, `Now: ${last.join('; ')}.`]
}

/** The worst that is known of a feature in this incident. */
function featureDetail({ evidence }: Incident, name: string): string {
  const own = evidence.find(({ feature }) => feature === name)
  return own === undefined ? 'moved in the same window' : evidenceText(own).replace(`${name}: `, '')
}
