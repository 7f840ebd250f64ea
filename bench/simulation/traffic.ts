// How rows come: independent, in bursts of one entity, with the time of day, with slow wobble. Nothing here is drift.
//
// A column moves on the scale of the normal distribution that has its quantiles: a shift of 0.1 turns every quantile into that of
// a normal variable 0.1 standard deviations further up. So one amplitude means the same for a normal column, a heavy tail, a
// count, or categories in the order of their frequency.

import type { RandomState } from './random.ts'
import { mixSeeds, nextBits, poisson, randomState, uniformOf } from './random.ts'

export const trafficKinds = ['iid', 'clustered', 'seasonal .1', 'seasonal .3', 'autocorrelated', 'mixed'] as const
export type TrafficKind = (typeof trafficKinds)[number]

interface Habits {
  /** Rows of one entity that come together and are all alike. */
  readonly burst: number
  /** Amplitude of a daily sine, in standard deviations; each column has its own phase. */
  readonly season: number
  /** Standard deviation of a slow wobble of each column, an AR(1) that keeps 0.9 from one pane to the next. */
  readonly wobble: number
}

const habitsOf: Readonly<Record<TrafficKind, Habits>> = {
  iid: { burst: 1, season: 0, wobble: 0 },
  clustered: { burst: 5, season: 0, wobble: 0 },
  'seasonal .1': { burst: 1, season: 0.1, wobble: 0 },
  'seasonal .3': { burst: 1, season: 0.3, wobble: 0 },
  autocorrelated: { burst: 1, season: 0, wobble: 0.1 },
  mixed: { burst: 5, season: 0.2, wobble: 0.1 },
}

const WOBBLE_KEPT = 0.9

/** What each pane of a stream holds, before any value is drawn. */
export interface Traffic {
  /** How many rows that one pane is to have, on average. */
  readonly rowsPerPane: number
  /** Rows alike: a pane counts each row it draws so often. */
  readonly burst: number
  /** By pane: how many different rows come. */
  readonly rows: Int32Array
  /** By column and pane: how far the column has moved, in standard deviations; undefined when columns stand still. */
  readonly shifts: readonly Float64Array[] | undefined
}

export function createTraffic(
  kind: TrafficKind,
  options: { rowsPerPane: number; panes: number; panesPerDay: number; columns: number; seed: number },
): Traffic {
  const { burst, season, wobble } = habitsOf[kind]
  const { rowsPerPane, panes, panesPerDay, columns, seed } = options
  const arrivals = randomState(mixSeeds(seed, 1))
  const rows = new Int32Array(panes)
  for (let pane = 0; pane < panes; pane++) rows[pane] = poisson(rowsPerPane / burst, arrivals)
  if (season === 0 && wobble === 0) return { rowsPerPane, burst, rows, shifts: undefined }
  const shifts = Array.from({ length: columns }, (_, column) => {
    const state = randomState(mixSeeds(seed, 2, column))
    const phase = 2 * Math.PI * uniformOf(nextBits(state))
    const ownPart = Math.sqrt(1 - WOBBLE_KEPT ** 2)
    const shift = new Float64Array(panes)
    let wobbled = gaussian(state)
    for (let pane = 0; pane < panes; pane++) {
      shift[pane] = season * Math.sin(phase + (2 * Math.PI * pane) / panesPerDay) + wobble * wobbled
      wobbled = WOBBLE_KEPT * wobbled + ownPart * gaussian(state)
    }
    return shift
  })
  return { rowsPerPane, burst, rows, shifts }
}

/** Box and Muller's normal variable. */
function gaussian(state: RandomState): number {
  return Math.sqrt(-2 * Math.log(uniformOf(nextBits(state)))) * Math.cos(2 * Math.PI * uniformOf(nextBits(state)))
}
