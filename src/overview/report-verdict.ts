// How a model stands at the end of a report's period, and what there was in it, in words.

import { count, percent, plainNumber } from '../delivery/wording.ts'
import type { ReportMetric, ReportView } from './report-view.ts'

/** Where it stands at the end of the period, and what there was. */
export function verdictOf(
  shown: Pick<ReportView, 'performance' | 'features' | 'incidents' | 'quality' | 'period' | 'rows'>,
): ReportView['verdict'] {
  const { incidents, period } = shown
  if (period === null) return { status: 'insufficient', headline: 'No window was judged in this period.', points: [] }
  const open = incidents.filter(({ isOpen }) => isOpen)
  const [worst] = open
  const points = pointsOf(shown)
  if (worst !== undefined) {
    const more = open.length > 1 ? `, and ${open.length - 1} more` : ''
    const headline = `${capital(worst.title)}: since ${day(worst.since)}, not over at the end of the period${more}.`
    return { status: worst.severity === 'warning' ? 'warning' : 'alarm', headline, points }
  }
  const headline =
    incidents.length === 0
      ? `Nothing to report: no incident in ${count(period.windows)} windows.`
      : `All is well at the end of the period; ${counted(incidents.length, 'incident')} ended in it.`
  return { status: 'ok', headline, points }
}

type Shown = Pick<ReportView, 'performance' | 'features' | 'incidents' | 'quality' | 'rows'>

function pointsOf({ performance, features, incidents, quality, rows }: Shown): string[] {
  const told = features.filter(({ inIncident }) => inIncident)
  const [first] = told
  const drift =
    told.length > 0
      ? `${told.length} of ${features.length} features ${told.length === 1 ? 'was' : 'were'} part of a drift incident; most of all ${first?.name}, ${first?.worstText} in its worst window.`
      : `None of ${features.length} features was part of a drift incident.`
  const measured = performance
    .filter(({ whole, last, inIncident }, i) => (whole ?? last) !== null && (inIncident || i === 0))
    .map((metric) => metricText(metric, rows))
  const over = incidents.filter(({ isOpen }) => !isOpen)
  const ended = over.map(({ title, lasted }) => `${title} (${lasted})`).join('; ')
  const bad = quality
    .filter(({ windows }) => windows.alarmed > 0)
    .map(({ feature, name, worst }) => `${feature}, up to ${percent(worst)} ${name}`)
    .join('; ')
  return [
    ...measured,
    ...(features.length === 0 ? [] : [drift]),
    ...(bad === '' ? [] : [`Data quality: ${bad}.`]),
    ...(ended === '' ? [] : [`Over by the end: ${ended}.`]),
    ...(rows === null || rows.predicted === 0 ? [] : [coverageText(rows)]),
  ]
}

/** `ROC AUC: 0.840 (0.831–0.849) over the period, 0.908 in the reference; 0.706 (0.681–0.729) in the worst window, 0.886 (0.871–0.900) in the last.` */
function metricText({ name, whole, reference, worst, last }: ReportMetric, rows: ReportView['rows']): string {
  const over =
    rows === null || rows.isComplete ? 'over the period' : `over the rows that are kept, since ${day(rows.from)}`
  const parts = [
    ...(whole === null ? [] : [`${whole.text} ${over}`]),
    ...(reference === null ? [] : [`${plainNumber(reference)} in the reference`]),
    ...(worst === null ? [] : [`${worst.text} in the worst window`]),
    ...(last === null ? [] : [`${last.text} in the last`]),
  ]
  return `${name}: ${parts.join(', ')}.`
}

function coverageText({ predicted, labelled, isComplete, from }: NonNullable<ReportView['rows']>): string {
  const which = isComplete ? 'predictions' : `predictions that are kept, since ${day(from)},`
  return `${count(labelled)} of ${count(predicted)} ${which} are labelled (${percent(labelled / predicted)}).`
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

function day(iso: string): string {
  return iso.slice(0, 10)
}
