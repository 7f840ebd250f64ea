// The text of a page of metrics: written quickly where there are many series, and never longer than may be.

import { labelValue } from '../delivery/text-safety.ts'
import { hashHex } from '../events/id-hash.ts'
import type { Series } from './series.ts'

const LENGTH_MAX = 128

/** The value of a label as it is exported: visible, and at most 128 characters long; longer ones end in their hash. */
export function shortLabelValue(text: string): string {
  const visible = labelValue(text)
  if (visible.length <= LENGTH_MAX) return visible
  const hash = `~${hashHex(text)}`
  return `${visible.slice(0, LENGTH_MAX - hash.length)}${hash}`.toWellFormed()
}

/** Name, help, and labels in the order in which they are written. */
export type GaugeDefinition = readonly [name: string, help: string, labels: readonly string[]]

/** One line of a gauge: its labels as they are written, and its value. */
export interface Line {
  readonly metric: string
  readonly labels: string
  readonly value: number
}

/** Writes the labels of series: most of the work of a page, and the same for as long as a window is the newest. */
export function linesOf<S extends Series>(
  definitions: readonly GaugeDefinition[],
  series: readonly S[],
): Array<Line & { readonly of: S }> {
  const escaped = new Map<string, string>()
  const quoted = (value: string) => {
    let text = escaped.get(value)
    if (text === undefined) {
      text = `"${shortLabelValue(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
      escaped.set(value, text)
    }
    return text
  }
  const labelsOf = new Map(definitions.map(([name, , labels]) => [name, labels]))
  return series.map((of) => {
    const { metric, labels, value } = of
    const names = labelsOf.get(metric)
    if (names === undefined) throw new Error(`no gauge is called ${metric}`)
    return { metric, labels: names.map((name) => `${name}=${quoted(labels[name] ?? '')}`).join(','), value, of }
  })
}

/**
 * Writes gauges, in the order of their definitions. 20,000 series take some milliseconds.
 *
 * Of two values with the same labels the later one counts.
 */
export function gaugesText(definitions: readonly GaugeDefinition[], lines: Iterable<Line>): string {
  const values = new Map(definitions.map(([name]) => [name, new Map<string, number>()]))
  for (const { metric, labels, value } of lines) values.get(metric)?.set(labels, value)
  let page = ''
  for (const [name, help] of definitions) {
    page += `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`
    for (const [labels, value] of values.get(name) as Map<string, number>) page += `${name}{${labels}} ${value}\n`
  }
  return page
}

/**
 * Cuts a page down to so many series. Metrics with few series stay whole; those with most are cut to what is left for each of
 * them, the last series first, a histogram never within the buckets of one label set.
 *
 * @returns the page, the series on it, and how many were cut
 */
export function withinSeries(page: string, max: number): { page: string; series: number; dropped: number } {
  const blocks = page.split(/^(?=# HELP )/m).map((text) => {
    const lines = text.split('\n').filter((line) => line !== '')
    return { head: lines.filter((line) => line.startsWith('#')), lines: lines.filter((line) => !line.startsWith('#')) }
  })
  const total = blocks.reduce((sum, { lines }) => sum + lines.length, 0)
  if (total <= max) return { page, series: total, dropped: 0 }
  let left = max
  let series = 0
  const bySize = [...blocks].sort((a, b) => a.lines.length - b.lines.length)
  for (const [i, block] of bySize.entries()) {
    const share = Math.floor(left / (bySize.length - i))
    if (block.lines.length > share) block.lines = block.lines.slice(0, wholeSets(block.lines, share))
    left -= block.lines.length
    series += block.lines.length
  }
  const text = blocks.map(({ head, lines }) => [...head, ...lines, ''].join('\n')).join('')
  return { page: text, series, dropped: total - series }
}

/** The most lines, up to `most`, that end with the last line of a label set. */
function wholeSets(lines: readonly string[], most: number): number {
  const isHistogram = lines.some((line) => line.includes('le="+Inf"'))
  if (!isHistogram) return most
  let end = most
  while (end > 0 && !/^\w+_count[ {]/.test(lines[end - 1] as string)) end--
  return end
}

/** Label values that came with events, fit for the page. */
export function safeLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const safe: Record<string, string> = {}
  for (const name in labels) safe[name] = shortLabelValue(labels[name] as string)
  return safe
}
