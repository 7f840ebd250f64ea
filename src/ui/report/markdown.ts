// A report as Markdown, for a ticket or a pull request: one file, tables, and courses as a line of blocks.

import { safeLine } from '../../delivery/text-safety.ts'
import { count, percent, plainNumber } from '../../delivery/wording.ts'
import type { ReportCourse, ReportHeatMap } from '../../overview/report-charts.ts'
import type { ReportDistribution } from '../../overview/report-distribution.ts'
import type { ReportIncident } from '../../overview/report-incidents.ts'
import type { ReportView } from '../../overview/report-view.ts'
import { utcText } from '../moment.ts'
import type { StatusName } from '../status.ts'
import { statusSigns } from '../status.ts'
import { blocks, rangeText, WIDTH } from './course-blocks.ts'
import { segmentsMarkdown } from './segments.ts'
import {
  kindWords,
  labelsText,
  methodNotes,
  originRows,
  periodText,
  severityStatus,
  timesText,
  wholeName,
} from './words.ts'

export function reportMarkdown(report: ReportView): string {
  const { name, verdict, period } = report
  const parts = [
    `# ${plain(name)}`,
    plain(periodText(report)),
    `**${sign(verdict.status)} ${plain(verdict.headline)}**`,
    list(verdict.points),
    ...(period === null
      ? []
      : [
          performance(report),
          segmentsMarkdown(report.segments, plain, table),
          drift(report),
          quality(report),
          volume(report),
          incidents(report),
        ]),
    reference(report),
    `## How to read this\n\n${methodNotes(report)
      .map(({ term, text }) => `- **${plain(term)}.** ${plain(text)}`)
      .join('\n')}`,
    `## Where this comes from\n\n${facts(originRows(report))}`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Joins two characters, and is not seen: what it stands between is no mention and no link. */
const JOINER = '\u2060'
const LINE_MAX = 2000

/** Names come from events: nothing in them is markup, begins a new line, calls somebody or leads anywhere. */
function plain(text: string): string {
  return safeLine(text, LINE_MAX)
    .replace(/[\\`*_[\]<>|~#]/g, '\\$&')
    .replace(/@(?=\w)|:(?=\/\/)|\bwww(?=\.)/gi, `$&${JOINER}`)
}

function sign(status: StatusName): string {
  return `${statusSigns[status]} ${status === 'insufficient' ? 'too few rows' : status}`
}

function list(texts: readonly string[]): string {
  return texts.map((text) => `- ${plain(text)}`).join('\n')
}

function table(columns: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => plain(cell)).join(' | ')} |`
  return [line(columns), `|${' --- |'.repeat(columns.length)}`, ...rows.map(line)].join('\n')
}

function facts(rows: ReadonlyArray<readonly [string, string]>): string {
  return rows.map(([name, value]) => `- ${plain(name)}: ${plain(value)}`).join('\n')
}

const number = (value: number | null): string => (value === null ? '–' : plainNumber(value))
const share = (value: number | null): string => (value === null ? '–' : percent(value))

function course(title: string, data: ReportCourse): string {
  return `\`${blocks(data)}\` ${plain(title)}, ${rangeText(data)}`
}

function performance(report: ReportView): string {
  const { performance: metrics } = report
  const rows = metrics.map(({ name, reference: of, whole, worst, last, status, windows }) => [
    ...[name, number(of), whole?.text ?? '–', worst?.text ?? '–', last?.text ?? '–', sign(status), timesText(windows)],
  ])
  const columns = [
    'metric',
    'reference',
    wholeName(report),
    'worst window',
    'last window',
    'now',
    'windows that alarmed',
  ]
  const courses = metrics.flatMap(({ name, course: data }) => (data === null ? [] : course(name, data)))
  return `## Performance\n\n${table(columns, rows)}\n\n${courses.join('  \n')}`
}

const shades: Readonly<Record<string, string>> = { o: '░', w: '▒', a: '▓', i: '·', ' ': ' ' }

function heatMap({ rows, ends }: ReportHeatMap): string {
  const step = Math.max(1, Math.ceil(ends.length / WIDTH))
  const gravity = ' iowa'
  const longest = Math.max(...rows.map(({ name }) => name.length))
  const lines = rows.map(({ name, statuses }) => {
    const cells = Array.from({ length: Math.ceil(statuses.length / step) }, (_, i) =>
      [...statuses.slice(i * step, (i + 1) * step)].reduce((worst, one) =>
        gravity.indexOf(one) > gravity.indexOf(worst) ? one : worst,
      ),
    )
    return `${safeLine(name).replaceAll('`', ' ').padEnd(longest)}  ${cells.map((one) => shades[one]).join('')}`
  })
  return `\`\`\`text\n${lines.join('\n')}\n\`\`\`\n░ ok, ▒ warning, ▓ alarm, · too few rows; time goes to the right.`
}

function drift({ features, drift: map, last }: ReportView): string {
  const rows = features.map(({ name, worstText, status, windows, inIncident }) => [
    ...[name, worstText, sign(status), timesText(windows), inIncident ? 'yes' : 'no'],
  ])
  const parts = [
    table(['feature', 'worst window', 'now', 'windows that alarmed', 'part of an incident'], rows),
    ...(map === null || map.rows.length === 0 ? [] : [heatMap(map)]),
    ...last.distributions.map(distribution),
  ]
  return `## Drift\n\n${parts.join('\n\n')}`
}

function distribution({ name, parts, psi }: ReportDistribution): string {
  const rows = parts.map(({ label, reference: of, current, psi: part }) => [
    ...[label, percent(of), percent(current), plainNumber(part)],
  ])
  return `### ${plain(name)} in the last window\n\nPSI ${plainNumber(psi)} over these parts.\n\n${table(['value', 'reference', 'now', 'part of the PSI'], rows)}`
}

function quality({ quality: found, qualityTests }: ReportView): string {
  if (found.length === 0)
    return `## Data quality\n\nNothing of note in ${count(qualityTests)} tests of missing, mistyped, unseen and out-of-range values.`
  const rows = found.map(({ feature, name, reference: of, worst, last, status, windows }) => [
    ...[feature, name, share(of), share(worst), share(last), sign(status), timesText(windows)],
  ])
  const columns = ['feature', 'what', 'reference', 'worst window', 'last window', 'now', 'windows that alarmed']
  return `## Data quality\n\n${table(columns, rows)}`
}

function volume(report: ReportView): string {
  const { rows, labels } = report.volume ?? {}
  const courses = [
    ...(rows == null ? [] : [course('rows of a window', rows)]),
    ...(labels === undefined ? [] : [course("share of a window's rows that is labelled", labels)]),
  ]
  return `## Rows and labels\n\n${plain(labelsText(report))}\n\n${courses.join('  \n')}`
}

function incidents({ incidents: all, retraining }: ReportView): string {
  const other =
    retraining.length === 0
      ? ''
      : `\n\n### Other retraining\n\n${table(
          ['asked for', 'by', 'state', 'why'],
          retraining.map(({ at, target, state, text }) => [utcText(at), target, state, text]),
        )}`
  const told = all.length === 0 ? 'None went on in this period.' : all.map(incident).join('\n\n')
  return `## Incidents\n\n${told}${other}`
}

function incident({
  id,
  kind,
  severity,
  title,
  since,
  until,
  lasted,
  evidence,
  history,
  isOpen,
}: ReportIncident): string {
  const when = isOpen
    ? `since ${utcText(since)}, for ${lasted}; not over at the end of the period`
    : `${utcText(since)} to ${utcText(until ?? '')}, ${lasted}`
  const parts = [
    `### ${statusSigns[severityStatus(severity)]} ${severity}: ${plain(title)}`,
    plain(`${kindWords[kind]} · ${when} · incident ${id}`),
    list(evidence),
    table(
      ['when (UTC)', 'what', 'who', 'told'],
      history.map(({ at, text, by, told }) => [utcText(at).replace(' UTC', ''), text, by ?? 'leeway', told.join(', ')]),
    ),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function reference({ reference: of, isCalibrated, window }: ReportView): string {
  const noise = isCalibrated
    ? `learnt for windows of ${window.size}`
    : `not learnt for windows of ${window.size}: too short; a cautious guess is used (~)`
  return `## What it was compared with\n\n${facts([
    ['source', `${of.source}, ${of.of}`],
    ['rows', `${count(of.rows)}, ${count(of.labelled)} of them labelled`],
    ['period', `${utcText(of.from)} to ${utcText(of.to)}`],
    ['noise', noise],
    ['identity', of.id],
  ])}`
}
