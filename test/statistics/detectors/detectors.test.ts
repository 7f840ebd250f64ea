// What is true of every detector on a stream.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAdwin, updateAdwin, updateAdwinPane } from '../../../src/statistics/detectors/adwin.ts'
import { createCusum, updateCusum } from '../../../src/statistics/detectors/cusum.ts'
import { createDdm, updateDdm } from '../../../src/statistics/detectors/ddm.ts'
import { createEDetector, gradedBets, updateEDetector } from '../../../src/statistics/detectors/e-detector.ts'
import { createEcdd, updateEcdd } from '../../../src/statistics/detectors/ecdd.ts'
import { createEddm, updateEddm } from '../../../src/statistics/detectors/eddm.ts'
import { createHddmA, updateHddmA } from '../../../src/statistics/detectors/hddm-a.ts'
import { createHddmW, updateHddmW } from '../../../src/statistics/detectors/hddm-w.ts'
import { createPageHinkley, updatePageHinkley } from '../../../src/statistics/detectors/page-hinkley.ts'
import { runs } from '../../events/seed.ts'

interface Detector {
  readonly create: () => object
  readonly update: (state: never, error: number) => boolean
}

/** Each with parameters that make it report changes within a few dozen errors. */
const detectors: Readonly<Record<string, Detector>> = {
  adwin: {
    create: () => createAdwin({ delta: 0.3, clock: 4, minWindow: 2, grace: 4, maxBuckets: 2 }),
    update: updateAdwin,
  },
  'adwin, panes': {
    create: () => createAdwin({ delta: 0.3, clock: 4 }),
    update: (state, error) => updateAdwinPane(state, { count: 5, total: error * 4, squares: error * 0.8 }),
  },
  pageHinkley: {
    create: () => createPageHinkley({ minInstances: 3, threshold: 1, alpha: 0.99 }),
    update: updatePageHinkley,
  },
  ddm: { create: () => createDdm({ warmStart: 5, warning: 1, drift: 2 }), update: updateDdm },
  eddm: { create: () => createEddm({ warmStart: 3 }), update: updateEddm },
  hddmA: { create: () => createHddmA({ drift: 0.2, warning: 0.4, twoSided: true }), update: updateHddmA },
  hddmW: {
    create: () => createHddmW({ drift: 0.3, warning: 0.5, lambda: 0.2, twoSided: true }),
    update: updateHddmW,
  },
  cusum: { create: () => createCusum({ minInstances: 3, threshold: 1 }), update: updateCusum },
  ecdd: { create: () => createEcdd({ minInstances: 3, averageRunLength: 100 }), update: updateEcdd },
  eDetector: {
    create: () => createEDetector({ m: 0.3, bets: gradedBets(0.3, 4), threshold: 20, designEffect: 1.5 }),
    update: (state, error) => updateEDetector(state, { trials: 5, errors: 4 * error }),
  },
}

const errors = fc.array(fc.oneof(fc.constant(0), fc.constant(1), fc.constantFrom(0, 0, 0, 1)), { maxLength: 80 })
const stretches = fc
  .array(fc.record({ error: fc.constantFrom(0, 1), length: fc.integer({ min: 1, max: 40 }) }), { maxLength: 4 })
  .map((list) => list.flatMap(({ error, length }) => Array.from({ length }, () => error)))

for (const [name, { create, update }] of Object.entries(detectors)) {
  test(`${name}: a state that was written as JSON and read again goes on as if nothing had happened`, () => {
    let changes = 0
    fc.assert(
      fc.property(fc.oneof(errors, stretches), fc.nat({ max: 100 }), (values, at) => {
        const uninterrupted = create()
        let interrupted = create()
        for (const [i, value] of values.entries()) {
          if (i === at % (values.length + 1)) interrupted = JSON.parse(JSON.stringify(interrupted))
          const changed = update(uninterrupted as never, value)
          if (changed) changes++
          assert.equal(update(interrupted as never, value), changed)
        }
        assert.equal(JSON.stringify(interrupted), JSON.stringify(uninterrupted))
        assert.ok(!/NaN|Infinity/.test(JSON.stringify(uninterrupted, spellNumbers)))
      }),
      runs(1000),
    )
    assert.ok(changes > 0, 'the streams never made it report a change')
  })

  test(`${name}: a value that is no number is refused, and named`, () => {
    assert.throws(() => update(create() as never, Number.NaN), /(values|total|errors) is NaN|one of the values is NaN/)
  })
}

/** JSON writes null for a number that is none; this writes its name. */
function spellNumbers(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
