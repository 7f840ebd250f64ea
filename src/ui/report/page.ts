// A report as one file of HTML: no script, nothing that is fetched, the same charts as the UI.

import { count, percent, plainNumber } from '../../delivery/wording.ts'
import type { LabelDelays } from '../../overview/label-delays.ts'
import type { ReportCourse } from '../../overview/report-charts.ts'
import type { ReportIncident } from '../../overview/report-incidents.ts'
import type { ReportFeature, ReportMetric, ReportQuality, ReportView } from '../../overview/report-view.ts'
import { CourseChart } from '../charts/course.ts'
import type { CourseData } from '../charts/course-data.ts'
import { courseTable } from '../charts/course-words.ts'
import type { DelayData } from '../charts/delay.ts'
import { DelayChart, delayTable } from '../charts/delay.ts'
import { DistributionChart, distributionTable, distributionText } from '../charts/distribution.ts'
import { Figure } from '../charts/figure.ts'
import { HeatMap, heatMapTable, heatMapText } from '../charts/heat-map.ts'
import type { ScoreData } from '../charts/score-distribution.ts'
import { ScoreDistribution, scoreTable, scoreText } from '../charts/score-distribution.ts'
import type { Content } from '../html.ts'
import { html } from '../html.ts'
import { utcText } from '../moment.ts'
import { Status } from '../status.ts'
import { pageFile } from './file.ts'
import { ReportSegments } from './segments.ts'
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

/** @param style sheet, to stand in the file */
export function reportHtml(report: ReportView, style: string): string {
  const title = `${report.name}: report`
  return pageFile(title, style, html`<${Report} report=${report} />`)
}

function Report({ report }: { readonly report: ReportView }) {
  const { name, verdict, period, isCalibrated } = report
  return html`<main>
    <header>
      <p class="muted small">Leeway report</p>
      <h1>${name}</h1>
      <p class="muted">${periodText(report)}</p>
      <div class=${`verdict ${verdict.status}`}>
        <p><${Status} of=${verdict.status} isUncalibrated=${!isCalibrated} /> ${verdict.headline}</p>
        <ul>${verdict.points.map((point) => html`<li>${point}</li>`)}</ul>
      </div>
      ${
        period !== null &&
        html`<nav aria-label="Contents"><ul class="contents">
          ${sections(report).map(({ id, title }) => html`<li><a href=${`#${id}`}>${title}</a></li>`)}
        </ul></nav>`
      }
    </header>
    ${sections(report).map(
      ({ id, title, content }) => html`<section aria-labelledby=${id}><h2 id=${id}>${title}</h2>${content()}</section>`,
    )}
  </main>`
}

interface Section {
  readonly id: string
  readonly title: string
  readonly content: () => Content
}

/** Pixels: of charts that seldom matter. */
const LOW = 150

/** What there is nothing to be said of has no section. */
function sections(report: ReportView): Section[] {
  const ends: Section[] = [
    { id: 'reference', title: 'What it was compared with', content: () => html`<${Reference} report=${report} />` },
    { id: 'method', title: 'How to read this', content: () => html`<${Method} report=${report} />` },
    { id: 'origin', title: 'Where this comes from', content: () => html`<${Facts} rows=${originRows(report)} />` },
  ]
  if (report.period === null) return ends
  return [
    { id: 'performance', title: 'Performance', content: () => html`<${Performance} report=${report} />` },
    ...(report.segments.length === 0
      ? []
      : [{ id: 'segments', title: 'Segments', content: () => html`<${ReportSegments} views=${report.segments} />` }]),
    { id: 'drift', title: 'Drift', content: () => html`<${Drift} report=${report} />` },
    { id: 'quality', title: 'Data quality', content: () => html`<${Quality} report=${report} />` },
    { id: 'labels', title: 'Rows and labels', content: () => html`<${Volume} report=${report} />` },
    { id: 'incidents', title: 'Incidents', content: () => html`<${Incidents} report=${report} />` },
    ...ends,
  ]
}

interface TableProps {
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: ReadonlyArray<readonly Content[]>
  /** Its cells are short, and stay on one line. */
  readonly isTight?: boolean
}

function Rows({ caption, columns, rows, isTight = false }: TableProps) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}><table class=${isTight ? 'tight' : ''}>
    <caption class="unseen">${caption}</caption>
    <thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${rows.map(
      (row) =>
        html`<tr>${row.map((cell, i) => (i === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`,
    )}</tbody>
  </table></div>`
}

function Facts({ rows }: { readonly rows: ReadonlyArray<readonly [string, string]> }) {
  return html`<table class="facts"><tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  )}</tbody></table>`
}

const number = (value: number | null): string => (value === null ? '–' : plainNumber(value))
const share = (value: number | null): string => (value === null ? '–' : percent(value))

function Performance({ report }: { readonly report: ReportView }) {
  const { performance } = report
  return html`
    <${Rows}
      caption="Metrics"
      isTight=${true}
      columns=${['metric', 'reference', wholeName(report), 'worst window', 'last window', 'now', 'windows that alarmed']}
      rows=${performance.map((metric) => metricRow(metric))}
    />
    ${performance.map(({ course, name, windows }) => course !== null && html`<${Course} report=${report} course=${course} title=${name} summary=${`${timesText(windows)} windows alarmed`} kinds=${['performance', 'estimated']} />`)}`
}

function metricRow({ name, reference, whole, worst, last, status, windows }: ReportMetric): Content[] {
  return [
    name,
    number(reference),
    whole?.text ?? '–',
    worst?.text ?? '–',
    last?.text ?? '–',
    html`<${Status} of=${status} />`,
    timesText(windows),
  ]
}

interface CourseProps {
  readonly report: ReportView
  readonly course: ReportCourse
  readonly title: string
  readonly summary: string
  /** Kinds of incidents that are shown beside it. */
  readonly kinds: ReadonlyArray<ReportIncident['kind']>
  readonly height?: number
}

function Course({ report, course, title, summary, kinds, height }: CourseProps) {
  const data: CourseData = {
    ...course,
    incidents: report.incidents
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ since, until, title: label }) => ({ from: since, to: until, label })),
    retrainings: report.runs,
  }
  return html`<${Figure} title=${title} summary=${summary} table=${() => courseTable(data)} file=${title}>
    <${CourseChart} course=${data} height=${height} />
  <//>`
}

function Drift({ report }: { readonly report: ReportView }) {
  const { features, drift, last, period } = report
  return html`
    ${
      drift !== null &&
      html`<${Figure} title="Features by windows" summary=${heatMapText(drift)} table=${() => heatMapTable(drift)} file="drift">
        <${HeatMap} map=${drift} />
      <//>`
    }
    <${Rows}
      caption="Features, worst first"
      columns=${['feature', 'worst window', 'now', 'windows that alarmed', 'part of an incident']}
      rows=${features.map((feature) => featureRow(feature))}
    />
    ${
      (last.distributions.length > 0 || last.score !== null) &&
      html`<h3>${`The last window, which ends ${utcText(period?.to ?? '')}, beside the reference`}</h3>`
    }
    ${
      last.score !== null &&
      html`<div class="half"><${Figure} title=${last.score.name} summary=${scoreText(last.score)} table=${() => scoreTable(last.score as ScoreData)} file=${last.score.name}>
        <${ScoreDistribution} score=${last.score} />
      <//></div>`
    }
    ${last.distributions.map(
      (
        distribution,
      ) => html`<${Figure} title=${distribution.name} summary=${distributionText(distribution)} table=${() => distributionTable(distribution)} file=${distribution.name}>
        <${DistributionChart} distribution=${distribution} />
      <//>`,
    )}`
}

function featureRow({ name, worstText, status, windows, inIncident }: ReportFeature): Content[] {
  return [name, worstText, html`<${Status} of=${status} />`, timesText(windows), inIncident ? 'yes' : 'no']
}

function Quality({ report: { quality, qualityTests } }: { readonly report: ReportView }) {
  if (quality.length === 0)
    return html`<p>Nothing of note in ${count(qualityTests)} tests of missing, mistyped, unseen and out-of-range values.</p>`
  return html`<${Rows}
      caption="Values of note"
      columns=${['feature', 'what', 'reference', 'worst window', 'last window', 'now', 'windows that alarmed']}
      rows=${quality.map((row) => qualityRow(row))}
    />
    <p class="muted small">${`The other ${count(qualityTests - quality.length)} tests of missing, mistyped, unseen and out-of-range values found nothing of note.`}</p>`
}

function qualityRow({ feature, name, reference, worst, last, status, windows }: ReportQuality): Content[] {
  return [
    feature,
    name,
    share(reference),
    share(worst),
    share(last),
    html`<${Status} of=${status} />`,
    timesText(windows),
  ]
}

function Volume({ report }: { readonly report: ReportView }) {
  const { volume, delays } = report
  if (volume === null) return null
  return html`<p>${labelsText(report)}</p>
    ${volume.rows !== null && html`<${Course} report=${report} course=${volume.rows} title="Rows of a window" summary="" kinds=${['volume', 'no_data']} height=${LOW} />`}
    <${Course} report=${report} course=${volume.labels} title="Share of a window's rows that is labelled" summary="Beside it the share from which performance is judged." kinds=${['stale_labels']} height=${LOW} />
    ${delays !== null && html`<${Delay} bins=${delays.bins} />`}`
}

function Delay({ bins }: LabelDelays) {
  const delay: DelayData = {
    bins: bins.map(({ within, count: labels }) => ({ label: within ?? 'later', count: labels })),
  }
  return html`<div class="half"><${Figure} title="How long labels take" summary="All labels of this version, in the period or not." table=${() => delayTable(delay)} file="label-delay">
    <${DelayChart} delay=${delay} />
  <//></div>`
}

function Incidents({ report: { incidents, retraining } }: { readonly report: ReportView }) {
  return html`${incidents.length === 0 && html`<p>None went on in this period.</p>`}
    ${incidents.map((incident) => html`<${Incident} incident=${incident} />`)}
    ${
      retraining.length > 0 &&
      html`<h3>Other retraining</h3>
        <${Rows} caption="Other retraining" columns=${['asked for', 'by', 'state', 'why']} rows=${retraining.map(({ at, target, state, text }) => [utcText(at), target, state, text])} />`
    }`
}

function Incident({ incident }: { readonly incident: ReportIncident }) {
  const { id, kind, severity, title, since, until, lasted, evidence, history, isOpen } = incident
  const when = isOpen
    ? `since ${utcText(since)}, for ${lasted}; not over at the end of the period`
    : `${utcText(since)} to ${utcText(until ?? '')}, ${lasted}`
  return html`<article class="incident">
    <h3><${Status} of=${severityStatus(severity)} word=${severity} /> ${title}</h3>
    <p class="muted">${`${kindWords[kind]} · ${when} · incident ${id}`}</p>
    ${
      evidence.length > 0 &&
      html`<p>Each test in its worst window:</p>
        <ul>${evidence.map((text) => html`<li>${text}</li>`)}</ul>`
    }
    <table class="history">
      <caption class="unseen">What happened</caption>
      <thead><tr><th scope="col">when (UTC)</th><th scope="col">what</th><th scope="col">who</th><th scope="col">told</th></tr></thead>
      <tbody>${history.map(
        ({ at, text, by, told }) =>
          html`<tr><th scope="row">${utcText(at).replace(' UTC', '')}</th><td>${text}</td><td>${by ?? 'leeway'}</td><td>${told.join(', ')}</td></tr>`,
      )}</tbody>
    </table>
  </article>`
}

function Reference({ report: { reference, isCalibrated, window } }: { readonly report: ReportView }) {
  return html`<${Facts} rows=${[
    ['source', `${reference.source}, ${reference.of}`],
    ['rows', `${count(reference.rows)}, ${count(reference.labelled)} of them labelled`],
    ['period', `${utcText(reference.from)} to ${utcText(reference.to)}`],
    [
      'noise',
      isCalibrated
        ? `learnt for windows of ${window.size}`
        : `not learnt for windows of ${window.size}: too short; a cautious guess is used (~)`,
    ],
    ['identity', reference.id],
  ]} />`
}

function Method({ report }: { readonly report: ReportView }) {
  return html`<ul>${methodNotes(report).map(({ term, text }) => html`<li><strong>${term}.</strong> ${text}</li>`)}</ul>`
}
