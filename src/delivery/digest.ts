// How a model fares, in words: what a daily or weekly digest says.

import type { MonitorKind, Verdict } from '../monitors/verdict.ts'
import type { Instant } from '../time.ts'
import { formatInstant } from '../time.ts'
import type { Digest } from './notification.ts'
import { count, metricName, percent, plainNumber, withInterval } from './wording.ts'

/** What is known of a model in a while, as the store has it. */
export interface DigestFacts {
  readonly predictions: number
  readonly labelled: number
  /** The longest window that ended last, by the end of the period; null: none was evaluated. */
  readonly newest: { readonly window: string; readonly end: Instant; readonly verdicts: readonly Verdict[] } | null
  /** The newest window whose labels suffice to judge performance. */
  readonly measured: { readonly window: string; readonly end: Instant; readonly verdicts: readonly Verdict[] } | null
  readonly opened: number
  readonly resolved: number
  readonly open: ReadonlyArray<{ readonly kind: MonitorKind; readonly since: Instant }>
  /** Requests to retrain that were made, by the state they are in. */
  readonly retraining: ReadonlyArray<{ readonly state: string; readonly count: number }>
}

const METRICS_MAX = 5
const NAMES_MAX = 5

/** Whether there is nothing that a person would want to be told of. That nothing came is not well. */
export function isWell({ predictions, opened, open, retraining }: DigestFacts): boolean {
  const isCalm = retraining.every(({ state }) => !['failed', 'unknown', 'not recovered'].includes(state))
  return predictions > 0 && opened === 0 && open.length === 0 && isCalm
}

export function composeDigest(
  facts: DigestFacts,
  about: {
    readonly model: string
    readonly every: 'day' | 'week'
    readonly from: Instant
    readonly to: Instant
    /** The day it is told on, there. */
    readonly date: string
    readonly publicUrl: string | null
  },
): Digest {
  const { model, every, from, to, date, publicUrl } = about
  return {
    title: `${model}: ${headline(facts)}, ${every} to ${date}`,
    model,
    from,
    to,
    paragraphs: [summary(facts)],
    figures: figuresOf(facts),
    link: publicUrl === null ? null : `${publicUrl}/ui/models/${encodeURIComponent(model)}`,
  }
}

function headline(facts: DigestFacts): string {
  const { open, opened, predictions } = facts
  if (isWell(facts)) return 'all is well'
  if (open.length > 0) return `${incidents(open.length)} open`
  if (opened > 0) return `${incidents(opened)}, none open`
  return predictions === 0 ? 'no predictions came' : 'retraining needs a look'
}

function incidents(many: number): string {
  return many === 1 ? '1 incident' : `${count(many)} incidents`
}

function summary(facts: DigestFacts): string {
  const { opened, resolved, open } = facts
  if (opened === 0 && open.length === 0) return 'No incident was opened, and none is open.'
  const since = open
    .slice(0, NAMES_MAX)
    .map(({ kind, since: at }) => `${kind.replaceAll('_', ' ')} since ${formatInstant(at)}`)
  const now = open.length === 0 ? 'none is open' : `${incidents(open.length)} open: ${since.join('; ')}`
  return `${incidents(opened)} opened, ${count(resolved)} ended; ${now}.`
}

function figuresOf(facts: DigestFacts): Digest['figures'] {
  const { predictions, labelled, newest, measured, opened, resolved, open, retraining } = facts
  const coverage =
    predictions === 0 ? [] : [{ name: 'labels', value: `${percent(labelled / predictions)} of predictions` }]
  return [
    { name: 'predictions', value: count(predictions) },
    ...coverage,
    ...(newest === null ? [] : driftFigure(newest)),
    ...(measured === null ? [] : performanceFigures(measured)),
    { name: 'incidents', value: `${count(opened)} opened, ${count(resolved)} ended, ${count(open.length)} open` },
    ...(retraining.length === 0
      ? []
      : [
          {
            name: 'retraining',
            value: retraining.map(({ state, count: many }) => `${count(many)} ${state}`).join(', '),
          },
        ]),
  ]
}

/** `2 of 25 features (income, job), in the window of 1d that ends …` */
function driftFigure({ verdicts, window, end }: NonNullable<DigestFacts['newest']>): Digest['figures'] {
  const features = verdicts.filter(({ monitor, feature }) => monitor.startsWith('drift/') && feature !== null)
  if (features.length === 0) return []
  const judged = features.filter(({ status }) => status !== 'insufficient')
  const drifted = judged.filter(({ status }) => status === 'alarm').map(({ feature }) => feature as string)
  const names =
    drifted.length === 0 ? '' : ` (${drifted.slice(0, NAMES_MAX).join(', ')}${drifted.length > NAMES_MAX ? ', …' : ''})`
  const unjudged = judged.length === features.length ? '' : `; ${features.length - judged.length} had too few rows`
  const value = `${drifted.length} of ${features.length} features${names}, in the window of ${window} that ends ${formatInstant(end)}${unjudged}`
  return [{ name: 'drifted', value }]
}

function performanceFigures({ verdicts, window, end }: NonNullable<DigestFacts['measured']>): Digest['figures'] {
  return verdicts
    .flatMap((verdict) =>
      verdict.kind === 'performance' && verdict.value !== null ? [{ ...verdict, value: verdict.value }] : [],
    )
    .filter(({ monitor }) => monitor.startsWith('performance/'))
    .slice(0, METRICS_MAX)
    .map(({ metric, value, low, high, reference }) => ({
      name: metricName(metric),
      value: `${withInterval(value, low, high)}${reference === null ? '' : `, reference ${plainNumber(reference)}`}, in the window of ${window} that ends ${formatInstant(end)}`,
    }))
}
