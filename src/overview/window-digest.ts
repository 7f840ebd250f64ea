// What a fleet needs of one evaluated window: some twenty numbers of the hundreds of its verdicts.

import { evidenceText } from '../delivery/wording.ts'
import { CONCEPT_DRIFT } from '../monitors/concept-drift.ts'
import type { Judged, Verdict } from '../monitors/verdict.ts'
import type { WindowResult } from '../monitors/window-result.ts'
import type { Instant } from '../time.ts'

export interface MetricDigest {
  readonly metric: string
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  readonly reference: number | null
}

export interface WindowDigest {
  readonly end: Instant
  readonly revision: number
  readonly samples: number
  readonly labelled: number
  /** Its performance is not final: too few of its labels have come. */
  readonly isProvisional: boolean
  /** Whether the noise of all its tests was learnt. */
  readonly isCalibrated: boolean
  /** Features that alarm, of those that are watched for drift. */
  readonly drifted: number
  readonly monitored: number
  /** The worst of its verdicts; `insufficient` where nothing could be judged of its features. */
  readonly status: Verdict['status']
  /** The worst verdict in words, or why nothing could be judged; '' where all is well. */
  readonly says: string
  /** Those that have a value, in the order of the configuration. */
  readonly performance: readonly MetricDigest[]
}

/** Some microseconds for a window of 50 features. */
export function digestOf({ end, revision, samples, labelled, provisional, verdicts }: WindowResult): WindowDigest {
  let drifted = 0
  let monitored = 0
  let unjudged = 0
  let isCalibrated = true
  let worst: Judged | undefined
  let reason = ''
  const performance: MetricDigest[] = []
  for (const verdict of verdicts) {
    isCalibrated &&= verdict.calibrated
    if (verdict.monitor.startsWith('drift/')) {
      monitored++
      if (verdict.status === 'alarm') drifted++
      else if (verdict.status === 'insufficient') unjudged++
    }
    if (verdict.status === 'insufficient') {
      if (reason === '' && verdict.kind === 'drift') reason = verdict.reason
    } else if (isWorse(verdict, worst)) worst = verdict
    if (verdict.kind === 'performance' && verdict.monitor !== CONCEPT_DRIFT && verdict.value !== null) {
      const { metric, value, low, high, reference } = verdict
      performance.push({ metric, value, low, high, reference })
    }
  }
  const { status, says } = standing(worst, { samples, labelled, end }, unjudged > 0 && unjudged === monitored, reason)
  return {
    ...{ end, revision, samples, labelled, isProvisional: provisional, isCalibrated },
    ...{ drifted, monitored, status, says, performance },
  }
}

const severities = { ok: 0, warning: 1, alarm: 2 } as const

/** Of two that warn alike, the one that is further over its threshold. */
function isWorse(verdict: Judged, than: Judged | undefined): boolean {
  if (verdict.status === 'ok') return false
  if (than === undefined) return true
  const more = severities[verdict.status] - severities[than.status]
  return more > 0 || (more === 0 && excess(verdict) > excess(than))
}

function excess({ value, threshold, reference, kind }: Judged): number {
  if (threshold === null) return 0
  const from = kind === 'performance' || kind === 'estimated' || kind === 'volume' ? (reference ?? 0) : 0
  return threshold === from ? 0 : (value - from) / (threshold - from)
}

function standing(
  worst: Judged | undefined,
  { samples, labelled, end }: Pick<WindowResult, 'samples' | 'labelled' | 'end'>,
  isUnjudged: boolean,
  reason: string,
): Pick<WindowDigest, 'status' | 'says'> {
  if (worst !== undefined) {
    const { status, ...rest } = worst
    return { status, says: evidenceText({ ...rest, window: '', end, samples, labelled }) }
  }
  return isUnjudged || samples === 0 ? { status: 'insufficient', says: reason } : { status: 'ok', says: '' }
}
