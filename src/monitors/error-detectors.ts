// The detectors that a model's errors can be watched with, each fed with panes.

import { adwinRise, createAdwin, updateAdwinPane } from '../statistics/detectors/adwin.ts'
import { createDdm, ddmLevel, updateDdm } from '../statistics/detectors/ddm.ts'
import type { Errors } from '../statistics/detectors/e-detector.ts'
import { createEDetector, gradedBets, limitEDetector, updateEDetector } from '../statistics/detectors/e-detector.ts'
import { createPageHinkley, pageHinkleyRise, updatePageHinkley } from '../statistics/detectors/page-hinkley.ts'

/** Which detector watches the errors, and how. */
export type ConceptDriftSettings =
  | { readonly detector: 'none' }
  | ({
      /** By how much the share of errors may rise over the reference's. */
      readonly tolerance: number
    } & DetectorSettings)

/** A detector with its parameters. */
export type DetectorSettings =
  | { readonly detector: 'e-detector' }
  | { readonly detector: 'adwin'; readonly delta: number }
  | { readonly detector: 'page-hinkley'; readonly delta: number; readonly threshold: number }
  | { readonly detector: 'ddm'; readonly warmStart: number; readonly warning: number; readonly drift: number }

/** What the e-detector holds errors against. */
export interface ErrorBound {
  /** Share of errors that is still acceptable. */
  readonly bound: number
  /** Panes between two false alarms, at least. */
  readonly averageRunLength: number
  readonly designEffect: number
}

export interface Statistic {
  readonly value: number
  readonly threshold: number
  /** How much of the way to an alarm: 1 and more is one. */
  readonly strength: number
}

/** A detector at work. */
export interface ErrorDetector {
  /** What its statistic is called. */
  readonly metric: string
  /** Takes in a pane with rows. @returns what shows that the share of errors has risen, or null */
  feed(pane: Errors): Statistic | null
  /** null while it has nothing to say. */
  statistic(): Statistic | null
  /** Its state, to be written as JSON. */
  readonly state: object
}

/** Bets of the e-detector. */
const BETS = 8

/** @param saved the state of an earlier run; it is used if its options are the same */
export function createErrorDetector(settings: DetectorSettings, against: ErrorBound, saved?: unknown): ErrorDetector {
  switch (settings.detector) {
    case 'e-detector':
      return eDetector(against, saved)
    case 'adwin':
      return adwin(settings, saved)
    case 'page-hinkley':
      return pageHinkley(settings, saved)
    case 'ddm':
      return ddm(settings, saved)
  }
}

/** The statistic is the decimal logarithm of the e-value; 0 stands for all that is no evidence. */
function eDetector({ bound, averageRunLength, designEffect }: ErrorBound, saved: unknown): ErrorDetector {
  const bets = gradedBets(bound, BETS)
  const state = resumed(createEDetector({ m: bound, bets, threshold: averageRunLength, designEffect }), saved)
  // Beyond what makes an alarm evidence is not kept: a model that is well again would have to pay it back.
  const logLimit = Math.log(averageRunLength)
  const threshold = Math.log10(averageRunLength)
  const statistic = (): Statistic => {
    const value = Math.max(0, (state.logStatistic ?? 0) / Math.LN10)
    return { value, threshold, strength: value / threshold }
  }
  return {
    metric: 'log10_e_value',
    state,
    feed: (pane) => {
      const risen = updateEDetector(state, pane) ? statistic() : null
      limitEDetector(state, logLimit)
      return risen
    },
    statistic,
  }
}

function adwin({ delta }: { delta: number }, saved: unknown): ErrorDetector {
  const state = resumed(createAdwin({ delta }), saved)
  return {
    metric: 'adwin',
    state,
    feed: ({ trials, errors }) => {
      const squares = (errors * (trials - errors)) / trials
      if (!updateAdwinPane(state, { count: trials, total: errors, squares }) || state.rise <= 0) return null
      return { value: state.rise, threshold: 1, strength: state.rise }
    },
    statistic: () => {
      const value = adwinRise(state)
      return { value, threshold: 1, strength: value }
    },
  }
}

function pageHinkley({ delta, threshold }: { delta: number; threshold: number }, saved: unknown): ErrorDetector {
  const state = resumed(createPageHinkley({ delta, threshold, mode: 'up' }), saved)
  const statistic = (): Statistic => {
    const value = pageHinkleyRise(state)
    return { value, threshold, strength: value / threshold }
  }
  return {
    metric: 'page_hinkley',
    state,
    feed: ({ trials, errors }) => (updatePageHinkley(state, errors / trials, trials) ? statistic() : null),
    statistic,
  }
}

/** The statistic is the share of errors plus its standard deviation, and so is its threshold. */
function ddm(options: { warmStart: number; warning: number; drift: number }, saved: unknown): ErrorDetector {
  const { warmStart, warning, drift } = options
  const state = resumed(createDdm({ warmStart, warning, drift }), saved)
  const statistic = (): Statistic | null => {
    const now = ddmLevel(state)
    if (now === null) return null
    const [above, room] = [now.level - now.best, now.drift - now.best]
    return { value: now.level, threshold: now.drift, strength: above <= 0 ? 0 : room > 0 ? above / room : 1 }
  }
  return {
    metric: 'ddm',
    state,
    feed: ({ trials, errors }) => (updateDdm(state, errors / trials, trials) ? statistic() : null),
    statistic,
  }
}

/** The saved state if it is one of this detector with these options; otherwise the fresh one. */
function resumed<State extends { readonly options: object }>(fresh: State, saved: unknown): State {
  const options = (saved as Partial<State> | undefined)?.options
  return JSON.stringify(options) === JSON.stringify(fresh.options) ? (saved as State) : fresh
}
