// What detectors and sketches are tried with: they keep a state from value to value, which must stay as finite as the answers.

import fc from 'fast-check'
import { createAdwin, updateAdwin } from '../../../src/statistics/detectors/adwin.ts'
import { createCusum, updateCusum } from '../../../src/statistics/detectors/cusum.ts'
import { createDdm, updateDdm } from '../../../src/statistics/detectors/ddm.ts'
import { createEDetector, updateEDetector } from '../../../src/statistics/detectors/e-detector.ts'
import { createEcdd, updateEcdd } from '../../../src/statistics/detectors/ecdd.ts'
import { createEddm, updateEddm } from '../../../src/statistics/detectors/eddm.ts'
import { createHddmA, updateHddmA } from '../../../src/statistics/detectors/hddm-a.ts'
import { createHddmW, updateHddmW } from '../../../src/statistics/detectors/hddm-w.ts'
import { createPageHinkley, updatePageHinkley } from '../../../src/statistics/detectors/page-hinkley.ts'
import type { RankSketch } from '../../../src/statistics/sketches/rank-sketch.ts'
import type { Tuple, Uses } from './hostile.ts'
import { both, count, number, one, positive, share, three } from './hostile.ts'

type Options = fc.Arbitrary<Record<string, unknown>>

/** Options of which any may be left out. */
function some(model: Record<string, fc.Arbitrary<unknown>>): Options {
  return fc.record(model, { requiredKeys: [] })
}

/** States that fitting and hostile values have led to; what is refused changes nothing. */
function states<State, Value>(
  create: (options: never) => State,
  update: (state: State, value: never) => unknown,
  options: Options,
  value: fc.Arbitrary<Value>,
): fc.Arbitrary<State> {
  return fc.tuple(options, fc.array(value, { maxLength: 40 })).map(([chosen, values]) => {
    const state = created(create, chosen)
    for (const one of values) {
      try {
        update(state, one as never)
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
      }
    }
    return state
  })
}

/** With the default options where the chosen ones are refused. */
function created<State>(create: (options: never) => State, options: Record<string, unknown>): State {
  try {
    return create(options as never)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return create({ m: 0.1, bets: [1], threshold: 10 } as never)
  }
}

const adwin = some({ delta: share, clock: count, minWindow: count, grace: count, maxBuckets: count })
const busy = some({ delta: share, clock: fc.constant(1), minWindow: fc.nat(3), grace: fc.nat(3) })
const cusum = some({ minInstances: count, delta: share, threshold: positive })
const pageHinkley = some({
  minInstances: count,
  delta: positive,
  threshold: positive,
  alpha: share,
  mode: fc.constantFrom('up', 'down', 'both'),
})
const ddm = some({ warmStart: count, warning: positive, drift: positive })
const ecdd = some({
  minInstances: count,
  lambda: share,
  warning: share,
  averageRunLength: fc.constantFrom(100, 400, 1000),
})
const eddm = some({ warmStart: count, alpha: positive, beta: positive })
const hddmA = some({ drift: share, warning: share, twoSided: fc.boolean() })
const hddmW = some({ drift: share, warning: share, lambda: share, twoSided: fc.boolean() })
const eDetector = fc.record({
  m: share,
  bets: fc.array(positive, { maxLength: 3 }),
  threshold: positive,
  designEffect: positive,
})
const errors = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.nat(50), fc.nat(500)).map(([a, b]) => ({ trials: a + b, errors: a })) },
  { weight: 1, arbitrary: fc.record({ trials: count, errors: count }) },
)
const adwinStates = states(createAdwin, updateAdwin, fc.oneof(adwin, busy), number)
const pageHinkleyStates = states(createPageHinkley, updatePageHinkley, pageHinkley, number)
const ddmStates = states(createDdm, updateDdm, fc.oneof(ddm, some({ warmStart: fc.nat(3) })), share)
const eDetectorStates = states(createEDetector, updateEDetector, eDetector, errors)

export const detectors: Readonly<Record<string, Tuple>> = {
  'detectors/adwin.ts: createAdwin': one(adwin),
  'detectors/adwin.ts: updateAdwin': both(adwinStates, number),
  'detectors/adwin.ts: updateAdwinPane': both(adwinStates, fc.record({ count, total: number, squares: positive })),
  'detectors/adwin.ts: adwinRise': one(adwinStates),
  'detectors/adwin.ts: adwinMean': one(adwinStates),
  'detectors/cusum.ts: createCusum': one(cusum),
  'detectors/cusum.ts: updateCusum': both(states(createCusum, updateCusum, cusum, number), number),
  'detectors/ddm.ts: createDdm': one(ddm),
  'detectors/ddm.ts: updateDdm': three(ddmStates, share, count),
  'detectors/ddm.ts: ddmLevel': one(ddmStates),
  'detectors/e-detector.ts: createEDetector': one(eDetector),
  'detectors/e-detector.ts: updateEDetector': both(eDetectorStates, errors),
  'detectors/e-detector.ts: logEValue': both(errors, fc.record({ m: share, bet: positive })),
  'detectors/e-detector.ts: limitEDetector': both(eDetectorStates, number),
  'detectors/e-detector.ts: gradedBets': both(share, count),
  'detectors/ecdd.ts: createEcdd': one(ecdd),
  'detectors/ecdd.ts: updateEcdd': both(states(createEcdd, updateEcdd, ecdd, share), share),
  'detectors/eddm.ts: createEddm': one(eddm),
  'detectors/eddm.ts: updateEddm': both(
    states(createEddm, updateEddm, fc.oneof(eddm, some({ warmStart: fc.nat(3) })), fc.constantFrom(0, 1)),
    fc.oneof(fc.constantFrom(0, 1), share),
  ),
  'detectors/hddm-a.ts: createHddmA': one(hddmA),
  'detectors/hddm-a.ts: updateHddmA': both(states(createHddmA, updateHddmA, hddmA, share), share),
  'detectors/hddm-w.ts: createHddmW': one(hddmW),
  'detectors/hddm-w.ts: updateHddmW': both(states(createHddmW, updateHddmW, hddmW, share), share),
  'detectors/page-hinkley.ts: createPageHinkley': one(pageHinkley),
  'detectors/page-hinkley.ts: updatePageHinkley': three(pageHinkleyStates, number, count),
  'detectors/page-hinkley.ts: pageHinkleyRise': one(pageHinkleyStates),
  'sketches/rank-sketch.ts: RankSketch': three(
    count,
    fc.tuple(fc.array(number, { maxLength: 60 }), fc.array(number, { maxLength: 60 })),
    share,
  ),
  'sketches/top-items.ts: TopItems': three(
    count,
    fc.tuple(fc.array(fc.string({ maxLength: 1 })), fc.array(fc.string({ maxLength: 1 }))),
    count,
  ),
  'sketches/distinct-count.ts: DistinctCount': both(
    fc.oneof(fc.nat(20), number),
    fc.tuple(fc.array(fc.string({ maxLength: 3 })), fc.array(fc.string({ maxLength: 3 }))),
  ),
}

/** The answer together with the state, which is the first argument. */
const withState: Uses[string] = (call, args) => [call(...args), args[0]]

/** Adds two lists to a sketch each, one by one (refused members change nothing), and merges them. */
function merged(Sketch: unknown, size: unknown, [first, second]: readonly [readonly unknown[], readonly unknown[]]) {
  const [a, b] = [first, second].map((list) => {
    const sketch = new (Sketch as new (size: unknown) => RankSketch)(size)
    for (const member of list) {
      try {
        sketch.add(member as number)
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
      }
    }
    return sketch
  }) as [RankSketch, RankSketch]
  return a.merge(b)
}

export const usesOfDetectors: Uses = {
  ...Object.fromEntries(
    Object.keys(detectors)
      .filter((name) => /: (update|limit)/.test(name))
      .map((name) => [name, withState]),
  ),
  'sketches/rank-sketch.ts: RankSketch': (Sketch, [size, lists, at]) => {
    const sketch = merged(Sketch, size, lists as never)
    return [sketch.count, sketch.size, sketch.quantile(at as number)]
  },
  'sketches/top-items.ts: TopItems': (Sketch, [size, lists, many]) => {
    const sketch = merged(Sketch, size, lists as never) as never as {
      rows: number
      error: number
      top: (n: unknown) => unknown
    }
    return [sketch.rows, sketch.error, sketch.top(many)]
  },
  'sketches/distinct-count.ts: DistinctCount': (Sketch, [size, lists]) => {
    const sketch = merged(Sketch, size, lists as never) as never as { estimate: () => number }
    return sketch.estimate()
  },
}
