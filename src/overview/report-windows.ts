// The windows of a period, read once: counted all, and kept as far as a chart has room for them.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { CONCEPT_DRIFT } from '../monitors/concept-drift.ts'
import type { Judged, Verdict } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import { worsening } from '../reference/performance.ts'
import type { Views } from '../store/views.ts'
import type { Instant } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'
import { DriftColumns } from './report-charts.ts'
import { WindowTally } from './window-counts.ts'

/** Windows that a chart shows; of a longer period every second, third, … is left out. */
const POINTS_MAX = 130
const PAGE = 100

export interface WindowSequence {
  readonly model: string
  readonly version: string
  readonly window: WindowSpec
  /** Of the ends of windows, both included; null: as far as there are any. */
  readonly from: Instant | null
  readonly to: Instant | null
}

/** What one test of data quality said in all windows. */
export interface QualityCourse {
  readonly feature: string
  readonly metric: string
  readonly worst: number
  readonly last: Verdict
  readonly judged: number
  readonly alarmed: number
}

export interface PeriodWindows {
  readonly tally: WindowTally
  readonly quality: readonly QualityCourse[]
  readonly drift: DriftColumns
  /** By metric, what was said of performance in the window in which it was worst. */
  readonly worst: ReadonlyMap<string, Verdict>
  /** In the order of their ends, the last one among them. */
  readonly drawn: readonly WindowResult[]
  /** One window in so many is drawn. */
  readonly drawnEvery: number
  readonly first: WindowResult
  readonly last: WindowResult
}

/** @returns undefined when no window of the period was judged */
export async function readPeriod(
  views: Pick<Views, 'results'>,
  sequence: WindowSequence,
): Promise<PeriodWindows | undefined> {
  const { from, to, window } = sequence
  const query = {
    ...{ model: sequence.model, version: sequence.version, window: window.name },
    ...(from !== null && { from }),
    ...(to !== null && { to: to + 1 }),
  }
  const [last] = views.results({ ...query, order: 'newest', limit: 1 })
  const [first] = views.results({ ...query, order: 'oldest', limit: 1 })
  if (first === undefined || last === undefined) return undefined
  const drawnEvery = Math.ceil(((last.end - first.end) / window.slideMs + 1) / POINTS_MAX)
  const tally = new WindowTally()
  const quality = new QualityTally()
  const drift = new DriftColumns()
  const worst = new Map<string, Verdict>()
  const drawn: WindowResult[] = []
  for (let next = first.end; next <= last.end; ) {
    const page = views.results({ ...query, from: next, order: 'oldest', limit: PAGE })
    for (const result of page) {
      tally.add(result)
      quality.add(result)
      keepWorst(worst, result)
      const back = Math.round((last.end - result.end) / window.slideMs)
      drift.add(result, Math.floor(back / drawnEvery))
      if (back % drawnEvery === 0) drawn.push(result)
    }
    const end = page.at(-1)?.end
    if (end === undefined) break
    next = end + 1
    await nextTurn()
  }
  return { tally, quality: quality.courses(), drift, worst, drawn, drawnEvery, first, last }
}

/** Of windows that few labels have come of yet, nothing is worst. */
function keepWorst(worst: Map<string, Verdict>, { verdicts, provisional }: WindowResult): void {
  if (provisional) return
  for (const verdict of verdicts) {
    const { kind, metric, value, monitor } = verdict
    if (kind !== 'performance' || monitor === CONCEPT_DRIFT || value === null) continue
    const known = worst.get(metric)?.value ?? null
    if (known === null || worsening(metric, known, value) > 0) worst.set(metric, verdict)
  }
}

class QualityTally {
  readonly #courses = new Map<string, { -readonly [K in keyof QualityCourse]: QualityCourse[K] }>()

  add({ verdicts }: WindowResult): void {
    for (const verdict of verdicts) {
      const { kind, feature, metric, value, monitor, status } = verdict
      if (kind !== 'quality' || feature === null || value === null) continue
      const known = this.#courses.get(monitor)
      const course = known ?? { feature, metric, worst: value, last: verdict, judged: 0, alarmed: 0 }
      if (known === undefined) this.#courses.set(monitor, course)
      course.worst = Math.max(course.worst, value)
      course.last = verdict
      if (status !== 'insufficient') course.judged++
      if (status === 'alarm') course.alarmed++
    }
  }

  /** Those that alarmed most first, then by how bad they were. */
  courses(): QualityCourse[] {
    return [...this.#courses.values()].sort((a, b) => b.alarmed - a.alarmed || b.worst - a.worst)
  }
}

/** How far a verdict is beyond what it is compared with, where 1 is its threshold; 0 without one. */
export function excess({
  value,
  threshold,
  reference,
  kind,
}: Pick<Judged, 'value' | 'threshold' | 'reference' | 'kind'>): number {
  if (threshold === null) return 0
  const from = kind === 'drift' ? 0 : (reference ?? 0)
  return threshold === from ? 0 : (value - from) / (threshold - from)
}
