// A backtest as one file: a page with its charts and tables, or one drawing.

import { render } from 'preact-render-to-string'
import { plainNumber, span } from '../../delivery/wording.ts'
import type { AlarmView, BacktestView, TuningView } from '../../overview/backtest.ts'
import { CourseChart } from '../charts/course.ts'
import { Numbers } from '../charts/figure.ts'
import type { Table } from '../charts/table.ts'
import { html } from '../html.ts'
import { utcText } from '../moment.ts'
import { CourseFigure, courseOf, SweepFigure } from '../tuning-charts.ts'
import { pageFile } from './file.ts'

/** @param style sheet of the UI, to stand in the file */
export function backtestHtml(views: readonly BacktestView[], style: string): string {
  const title = `Backtest of ${views.map(({ model }) => model).join(', ')}`
  return pageFile(title, style, html`<main>${views.map((view) => html`<${Page} view=${view} />`)}</main>`)
}

function Page({ view }: { readonly view: BacktestView }) {
  const { model, version, verdict, alarms, tuning, differences, from, to } = view
  return html`<h1>Backtest of ${model}${version === '' ? '' : ` ${version}`}</h1>
    <p class="muted">${from === null || to === null ? 'no windows' : `windows that end from ${utcText(from)} to ${utcText(to)}`}</p>
    <div class="verdict"><p>${tuning?.verdict ?? verdict}</p></div>
    ${tuning === null ? html`<h2>Rules, each by itself</h2><${Numbers} caption="Rules" table=${rulesTable(view)} />` : html`<${Tuned} tuning=${tuning} />`}
    <h2>Incidents by all rules together</h2>
    <${Numbers} caption="Incidents" table=${alarmsTable(alarms)} />
    ${differences.map((line) => html`<p class="muted">${line}</p>`)}`
}

function Tuned({ tuning }: { readonly tuning: TuningView }) {
  const { would, threshold, current, notes, yaml } = tuning
  return html`<${CourseFigure} tuning=${tuning} />
    <${SweepFigure} tuning=${tuning} />
    <h2>Alarms of this rule with ${plainNumber(threshold)}</h2>
    <${Numbers} caption="Alarms of this rule" table=${alarmsTable(would)} />
    ${notes.map((note) => html`<p class="muted">${note}</p>`)}
    ${threshold !== current && html`<h2>To put it into force, merge into the configuration</h2><pre>${yaml}</pre>`}`
}

function alarmsTable(alarms: readonly AlarmView[]): Table {
  return {
    columns: ['fired', 'ended', 'in alarm', 'kind', 'severity', 'rules'],
    rows: alarms.map(({ firings, firedMs, kind, severity, monitors }) => {
      const [first, last] = [firings[0], firings.at(-1)]
      const ended = last?.to == null ? 'goes on' : utcText(last.to)
      return [first === undefined ? '' : utcText(first.from), ended, span(firedMs), kind, severity, monitors.join(', ')]
    }),
  }
}

function rulesTable({ rules }: BacktestView): Table {
  return {
    columns: ['rule', 'threshold', 'alarms', 'in alarm', 'last fired'],
    rows: rules.map(({ monitor, threshold, alarms, firedMs, last }) => [
      monitor,
      threshold === null ? '' : plainNumber(threshold),
      String(alarms),
      firedMs === 0 ? '' : span(firedMs),
      last === null ? '' : utcText(last),
    ]),
  }
}

/** The windows of a rule, its threshold and its alarms as a drawing that any program shows: its colours stand in it as they are. */
export function tuningSvg(tuning: TuningView, style: string): string {
  const drawn = render(html`<${CourseChart} course=${courseOf(tuning)} />`)
  const [svg] = /<svg[\s\S]*<\/svg>/.exec(drawn) ?? []
  if (svg === undefined)
    throw new Error(`no window of ${tuning.monitor} has been judged in this time: there is nothing to draw`)
  const paper = '<rect width="100%" height="100%" fill="#fff"/>'
  return svg
    .replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')
    .replace('>', `><style>${chartRules(style, svg)}</style>${paper}`)
}

/** Of a style sheet the rules that a drawing uses, in light colours, with the values of its variables in their places. */
function chartRules(style: string, svg: string): string {
  const used = new Set([...svg.matchAll(/class="([^"]+)"/g)].flatMap(([, names = '']) => names.split(' ')))
  const values = new Map<string, string>()
  for (const [, name = '', value = ''] of style.matchAll(/(--[\w-]+):\s*([^;}]+)/g))
    if (!values.has(name)) values.set(name, value)
  const resolved = (text: string, depth = 0): string =>
    depth > 4
      ? text
      : text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => resolved(values.get(name) ?? '', depth + 1))
  return [...style.matchAll(/([^{}@]+)\{([^{}]*)\}/g)]
    .filter(([, selector = '']) => !selector.includes(':'))
    .filter(([, selector = '']) => [...selector.matchAll(/\.([\w-]+)/g)].some(([, name = '']) => used.has(name)))
    .map(([, selector = '', body = '']) => {
      const plain = resolved(body).replace(/light-dark\(([^,]+),[^)]*\)/g, '$1')
      return `${selector.trim()}{${plain.replace('font-family:inherit', 'font-family:sans-serif')}}`
    })
    .join('')
    .replaceAll('<', '')
}
