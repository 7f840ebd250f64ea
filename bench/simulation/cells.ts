// Which experiments there are. A cell is one line of the tables; it is run several times, each time with another model.

import type { BaselineChoice } from '../../src/reference/phases.ts'
import { DAY, formatDuration, HOUR, MINUTE } from '../../src/time.ts'
import type { WindowSpec } from '../../src/windows/window.ts'
import { changes as allChanges } from './columns.ts'
import type { TrafficKind } from './traffic.ts'
import { trafficKinds } from './traffic.ts'

export interface Cell {
  /** What `--only` is matched with: `quiet/iid/25/1000/1h-5m`. */
  readonly name: string
  /** `quiet`: nothing happens for a month. `change`: one column changes, again and again. */
  readonly kind: 'quiet' | 'change'
  readonly traffic: TrafficKind
  readonly features: number
  readonly rowsPerWindow: number
  readonly spec: WindowSpec
  /** Models simulated: months of a quiet cell, references of a change cell. */
  readonly repeats: number
  /** Days of its reference; left out: those of the run. */
  readonly referenceDays?: number
  /** What of the reference windows are compared with; left out: the whole of it. */
  readonly baseline?: BaselineChoice
  /** Changes made, by name; of a quiet cell none. */
  readonly changes: readonly string[]
}

/** Days of a reference, and of a month. */
export interface Lengths {
  readonly referenceDays: number
  readonly monthDays: number
}

export const fullLengths: Lengths = { referenceDays: 14, monthDays: 30 }

export const quickLengths: Lengths = { referenceDays: 7, monthDays: 10 }

const everyChange = allChanges.map(({ name }) => name)

const hourly: WindowSpec = windowOf(HOUR, 5 * MINUTE)
const tumbling: WindowSpec = windowOf(HOUR, HOUR)
const daily: WindowSpec = windowOf(DAY, HOUR)

function windowOf(sizeMs: number, slideMs: number): WindowSpec {
  return { name: formatDuration(sizeMs), sizeMs, slideMs }
}

function cellOf(
  kind: Cell['kind'],
  traffic: TrafficKind,
  options: Omit<Cell, 'name' | 'kind' | 'traffic' | 'changes'>,
  changes: readonly string[] = kind === 'change' ? everyChange : [],
): Cell {
  const { features, rowsPerWindow, spec, referenceDays, baseline } = options
  const window = `${spec.name}-${formatDuration(spec.slideMs)}`
  const further = [
    ...(referenceDays === undefined ? [] : [`${referenceDays}d`]),
    ...(baseline === undefined ? [] : [baseline]),
  ]
  const name = [kind, traffic.replace(' ', '-'), features, rowsPerWindow, window, ...further].join('/')
  return { name, kind, traffic, ...options, changes }
}

/** All cells, those whose answers are asked for first at the top. */
export function allCells(): Cell[] {
  return [...quietHours(25), ...changed(), ...quietOtherWindows(), ...sameHours(), ...quietHours(50)]
}

function quietHours(features: number): Cell[] {
  return [500, 1_000, 100, 10_000].flatMap((rowsPerWindow) =>
    trafficKinds.map((traffic) => cellOf('quiet', traffic, { features, rowsPerWindow, spec: hourly, repeats: 4 })),
  )
}

function quietOtherWindows(): Cell[] {
  const features = 25
  return (['iid', 'clustered', 'seasonal .3', 'autocorrelated', 'mixed'] as const).flatMap((traffic) => [
    cellOf('quiet', traffic, { features, rowsPerWindow: 1_000, spec: tumbling, repeats: 8 }),
    cellOf('quiet', traffic, { features, rowsPerWindow: 1_000, spec: daily, repeats: 8 }),
    cellOf('quiet', traffic, { features, rowsPerWindow: 10_000, spec: daily, repeats: 8 }),
  ])
}

/** Windows compared with the same hours of a longer reference, and for comparison with the whole of it. */
function sameHours(): Cell[] {
  const common = { features: 25, rowsPerWindow: 1_000, spec: hourly, repeats: 4, referenceDays: 28 }
  return (['seasonal .3', 'mixed'] as const).flatMap((traffic) =>
    [common, { ...common, baseline: 'same_hour_of_day' as const }].flatMap((options) => [
      cellOf('quiet', traffic, options),
      cellOf('change', traffic, options, ['mean +0.25 sd', 'mean +0.5 sd']),
    ]),
  )
}

function changed(): Cell[] {
  const experiments: readonly (readonly [TrafficKind, features: number, rows: number, WindowSpec])[] = [
    ['iid', 25, 500, hourly],
    ['iid', 25, 1_000, hourly],
    ['clustered', 25, 1_000, hourly],
    ['mixed', 25, 1_000, hourly],
    ['autocorrelated', 25, 1_000, hourly],
    ['seasonal .3', 25, 1_000, hourly],
    ['iid', 25, 10_000, hourly],
    ['iid', 25, 100, hourly],
    ['clustered', 25, 500, hourly],
    ['iid', 50, 500, hourly],
    ['iid', 25, 1_000, tumbling],
    ['iid', 25, 1_000, daily],
  ]
  return experiments.map(([traffic, features, rowsPerWindow, spec]) =>
    cellOf('change', traffic, { features, rowsPerWindow, spec, repeats: 8 }),
  )
}

/** A few small cells with short references and months, for a run of seconds. */
export function quickCells(): Cell[] {
  const options = { features: 25, spec: hourly, repeats: 1 }
  return [
    cellOf('quiet', 'iid', { ...options, rowsPerWindow: 1_000 }),
    cellOf('quiet', 'clustered', { ...options, rowsPerWindow: 1_000 }),
    cellOf('quiet', 'autocorrelated', { ...options, rowsPerWindow: 500 }),
    cellOf('change', 'iid', { ...options, rowsPerWindow: 500 }, ['mean +0.25 sd']),
    cellOf('change', 'iid', { ...options, rowsPerWindow: 1_000 }, ['mean +0.5 sd', 'mean +0.6 sd']),
  ]
}
