// What charts show, read when a message is sent: stored windows of what alarms, and the rows of the newest of them.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Course, CoursePoint } from '../delivery/charts/chart.ts'
import { distributionBars } from '../delivery/charts/distribution-bars.ts'
import type { ChartSource } from '../delivery/charts/illustrate.ts'
import type { Message } from '../delivery/notification.ts'
import type { Evidence, Incident } from '../incidents/incident.ts'
import { subjectAt } from '../monitors/subject.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import { judgedBy, subjectOf } from '../overview/judged-by.ts'
import { sumInTurns } from '../overview/pane-sums.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Views } from '../store/views.ts'
import type { Instant, Millis } from '../time.ts'
import type { WindowSpec } from '../windows/window.ts'

/** Windows that a course shows; of a longer one every second, third, … is left out. */
const POINTS_MAX = 72
/** A course shows as many windows before the incident at least. */
const LEAD_MIN = 24
/** Reading a window takes some 0.3 ms: after so many, others have their turn. */
const READ_AT_ONCE = 12

type StoredViews = Pick<Views, 'incident' | 'results'>

export function chartSource(views: StoredViews, pipeline: () => Pick<Pipeline, 'models'>): ChartSource {
  const specOf = (model: string, window: string): WindowSpec | undefined =>
    pipeline()
      .models()
      .find(({ name }) => name === model)
      ?.options.settings.windows.find(({ name }) => name === window)
  return {
    async course({ incidentId }) {
      const incident = views.incident(incidentId)?.incident
      const [worst] = incident?.evidence ?? []
      if (incident === undefined || worst === undefined) return undefined
      const spec = specOf(incident.model, worst.window)
      return spec === undefined ? undefined : courseOf(views, incident, worst, spec)
    },
    async distribution(message) {
      const incident = views.incident(message.incidentId)?.incident
      return incident === undefined ? undefined : distributionOf(incident, message, { pipeline: pipeline(), specOf })
    },
  }
}

async function courseOf(
  views: StoredViews,
  incident: Incident,
  worst: Evidence,
  { slideMs }: WindowSpec,
): Promise<Course | undefined> {
  const { model, version, since, state, at } = incident
  const { kind, feature, metric, window, reference, threshold } = worst
  const until = state === 'resolved' ? at : null
  const sequence = { model, version, window }
  const [newest] = views.results({ ...sequence, order: 'newest', limit: 1 })
  if (newest === undefined) return undefined
  const to = Math.floor(Math.min(newest.end, until ?? newest.end) / slideMs) * slideMs
  const points: CoursePoint[] = []
  for (const [i, end] of endsOf({ since, to, slideMs }).entries()) {
    if (i % READ_AT_ONCE === READ_AT_ONCE - 1) await nextTurn()
    const [result] = views.results({ ...sequence, from: end, to: end + 1, limit: 1 })
    points.push(pointOf(end, result, worst.monitor))
  }
  // Nothing is known of what came before the first window.
  const first = points.findIndex(({ value }) => value !== null)
  const shown = first < 0 ? [] : points.slice(first)
  if (shown.filter(({ value }) => value !== null).length < 2) return undefined
  return { model, version, kind, feature, metric, window, points: shown, reference, threshold, since, until }
}

/** Ends of windows evenly apart, from well before the incident to the last one. */
function endsOf({ since, to, slideMs }: { since: Instant; to: Instant; slideMs: Millis }): Instant[] {
  const lasted = Math.max(0, Math.ceil((to - since) / slideMs))
  const slides = lasted + Math.max(LEAD_MIN, Math.ceil(lasted / 2))
  const step = Math.ceil(slides / POINTS_MAX) * slideMs
  const count = Math.floor((slides * slideMs) / step) + 1
  return Array.from({ length: count }, (_, i) => to - (count - 1 - i) * step)
}

function pointOf(end: Instant, result: WindowResult | undefined, monitor: string): CoursePoint {
  const verdict = result?.verdicts.find((one) => one.monitor === monitor)
  if (result === undefined || verdict === undefined)
    return { end, value: null, low: null, high: null, status: 'insufficient', isProvisional: false }
  const { value, low, high, status, kind } = verdict
  return { end, value, low, high, status, isProvisional: kind === 'performance' && result.provisional }
}

async function distributionOf(
  incident: Incident,
  { features }: Message,
  {
    pipeline,
    specOf,
  }: { pipeline: Pick<Pipeline, 'models'>; specOf: (model: string, window: string) => WindowSpec | undefined },
) {
  const feature = incident.evidence[0]?.feature ?? features[0]?.name
  const evidence = incident.evidence.find((one) => one.feature === feature) ?? incident.evidence[0]
  if (feature === undefined || evidence === undefined) return undefined
  const { model, version } = incident
  const { window, end } = evidence
  const spec = specOf(model, window)
  const watched = pipeline.models().find(({ name }) => name === model)
  const stream = watched?.streams.get(version)
  // Of a window whose first rows were forgotten, half the truth is no picture.
  if (spec === undefined || watched === undefined || stream === undefined) return undefined
  const start = end - spec.sizeMs
  if (start < stream.inputs.droppedBefore) return undefined
  // What was accepted as normal since says nothing of what alarmed before.
  const subject = subjectOf(stream, judgedBy(watched, version, start))
  const column = subjectAt(subject, start, end).columns.find(({ cells }) => cells.column.name === feature)
  if (column === undefined) return undefined
  const shown = distributionBars(column, await sumInTurns(stream.inputs, start, end))
  return shown === undefined ? undefined : { model, version, feature, window, end, ...shown }
}
