// Metrics that come and go at their threshold for a thousand windows, and what people are told of them.
//
// A window's metric lies around the threshold as chance has it: under 0.7 of it is clear, from 1 on alarms. What is told is what
// delivery would send: `firing`, `update` and `resolved`.

import { advance } from '../../src/incidents/advance.ts'
import { calmOf } from '../../src/incidents/episode.ts'
import type { PolicyState } from '../../src/incidents/policy-state.ts'
import { emptyPolicy } from '../../src/incidents/policy-state.ts'
import type { Judged } from '../../src/monitors/verdict.ts'
import { DAY, HOUR, MINUTE } from '../../src/time.ts'
import type { WindowSpec } from '../../src/windows/window.ts'
import { seeded } from './random.ts'

export const WINDOWS = 1_000
export const specs: readonly WindowSpec[] = [
  { name: '1h', sizeMs: HOUR, slideMs: 5 * MINUTE },
  { name: '1h', sizeMs: HOUR, slideMs: 30 * MINUTE },
  { name: '1d', sizeMs: DAY, slideMs: DAY },
]

/** The widest 95 % interval of a window's metric that the noise of the shapes below stands for, either side. */
const WIDTH = 0.6

/** One window's metric over its threshold: 1 alarms, under 0.7 is clear. */
function verdict(size: number): Judged {
  const alarms = size >= 1
  return {
    monitor: 'performance/roc_auc',
    kind: 'performance',
    feature: null,
    metric: 'roc_auc',
    status: alarms ? 'alarm' : 'ok',
    value: 0.9 - 0.03 * size,
    threshold: 0.87,
    effect: -0.03 * size,
    pValue: 1e-6,
    low: 0.9 - 0.03 * (size + WIDTH),
    high: 0.9 - 0.03 * (size - WIDTH),
    reference: 0.9,
    calibrated: true,
    severe: false,
    clear: size < 0.7,
    matters: alarms,
    holds: [false, alarms, size >= 0.7, size >= 0.7],
  }
}

type Told = readonly [window: number, change: string]

/** What people are told of these windows, by window. */
export function told(
  spec: WindowSpec,
  sizes: readonly number[],
  isDamped = true,
): { told: Told[]; state: PolicyState } {
  const state = emptyPolicy()
  const all = sizes.flatMap((size, i) => {
    const end = (i + 1) * spec.slideMs
    const result = {
      model: 'm',
      version: '1',
      segment: '',
      window: spec.name,
      start: end - spec.sizeMs,
      end,
      revision: 0,
    }
    const verdicts = [verdict(size)]
    const judged = { ...result, samples: 500, labelled: 500, provisional: false, verdicts }
    return advance(state, judged, { spec, kinds: ['performance'], at: end, isDamped })
      .filter(({ change }) => change === 'firing' || change === 'update' || change === 'resolved')
      .map(({ change }): Told => [i, change])
  })
  return { told: all, state }
}

/** Windows around the threshold: each as far from it as chance has it, and like the last ones as far as they share rows with them. */
function flapping(
  random: () => number,
  { spec, count, centre, noise }: { spec: WindowSpec; count: number; centre: number; noise: number },
): number[] {
  const slides = spec.sizeMs / spec.slideMs
  const steps = Array.from(
    { length: count + slides },
    () => (random() + random() + random() + random() - 2) * Math.sqrt(3),
  )
  let sum = steps.slice(0, slides).reduce((total, step) => total + step, 0)
  return Array.from({ length: count }, (_, i) => {
    sum += (steps[i + slides] as number) - (steps[i] as number)
    return centre + (noise * sum) / Math.sqrt(slides)
  })
}

const shapes = [
  { centre: 1, noise: 0.2 },
  { centre: 0.9, noise: 0.2 },
  { centre: 0.85, noise: 0.3 },
  { centre: 1, noise: 0.3 },
]

export function* cases(seed: number, seeds: number) {
  for (const spec of specs)
    for (const shape of shapes)
      for (let i = 0; i < seeds; i++)
        yield {
          spec,
          flap: (count: number, random: () => number) => flapping(random, { spec, count, ...shape }),
          random: seeded(seed + i),
          name: `${spec.name}/${spec.slideMs} ${JSON.stringify(shape)} ${i}`,
        }
}

export const calm = (spec: WindowSpec) => Array<number>(calmOf(spec) / spec.slideMs + 1).fill(0)

/** What is wrong with what is told of a metric that only flaps, for one seed after another; and how many messages there are. */
export function flappingFaults(seed: number, seeds: number): { wrong: string[]; messages: number } {
  const wrong: string[] = []
  let messages = 0
  for (const { spec, flap, random, name } of cases(seed, seeds)) {
    const run = told(spec, [...flap(WINDOWS, random), ...calm(spec)])
    messages += run.told.length
    if (run.told.length > 2 || run.state.incidents.performance !== undefined)
      wrong.push(`${name}: ${JSON.stringify(run.told)}`)
  }
  return { wrong, messages }
}

/** The same with a real episode amid the flapping, from window 400 on. */
export function episodeFaults(seed: number, seeds: number): string[] {
  const wrong: string[] = []
  for (const { spec, flap, random, name } of cases(seed, seeds)) {
    const real = Array.from({ length: 100 }, () => 3 + random())
    const run = told(spec, [...flap(400, random), ...real, ...flap(500, random), ...calm(spec)])
    // Whatever was told before: ten windows into the real one people know that it fires.
    const known = run.told.filter(([window]) => window < 410).at(-1)?.[1]
    const isKnown = known === 'firing' || known === 'update'
    if (run.told.length > 4 || !isKnown || run.told.at(-1)?.[1] !== 'resolved')
      wrong.push(`${name}: ${JSON.stringify(run.told)}`)
  }
  return wrong
}

/** The most that is told of one metric when what comes back is another incident each time. */
export function undampedMost(seed: number, seeds: number): number {
  const counts = [...cases(seed, seeds)].map(
    ({ spec, flap, random }) => told(spec, flap(WINDOWS, random), false).told.length,
  )
  return Math.max(...counts)
}
