import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  createEDetector,
  gradedBets,
  limitEDetector,
  logEValue,
  updateEDetector,
} from '../../../src/statistics/detectors/e-detector.ts'
import { seeded, testSeed } from '../../build/random.ts'
import { runs } from '../../events/seed.ts'

const rows = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 200 })
const mean = fc.double({ min: 0.01, max: 0.95, noNaN: true })

test('a pane is worth the product of its events, in any order and however they are spread over partitions', () => {
  fc.assert(
    fc.property(
      rows,
      mean,
      fc.integer({ min: 2, max: 8 }),
      fc.integer({ min: 1, max: 5 }),
      (events, m, k, partitions) => {
        const bet = gradedBets(m, k)[k - 1] as number
        const product = events.reduce<number>((sum, x) => sum + Math.log1p(bet * (x - m)), 0)
        const parts = Array.from({ length: partitions }, (_, p) => events.filter((_, i) => i % partitions === p))
        const merged = parts.reduce((sum, part) => sum + logEValue(countsOf(part), { m, bet }), 0)
        const pane = logEValue(countsOf(events), { m, bet })
        const slack = 1e-11 * (1 + events.length)
        assert.ok(Math.abs(pane - product) <= slack, `pane ${pane}, events ${product}`)
        assert.ok(Math.abs(pane - merged) <= slack, `pane ${pane}, partitions ${merged}`)
      },
    ),
    runs(1000),
  )
})

function countsOf(events: readonly number[]): { trials: number; errors: number } {
  return { trials: events.length, errors: events.filter((x) => x === 1).length }
}

test('fewer errors never make the statistic larger', () => {
  const panes = fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 40 })), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(panes, mean, (list, m) => {
      const [worse, better] = [0, 1].map(() => createEDetector({ m, bets: gradedBets(m, 5), threshold: 100 }))
      for (const [errors, saved] of list) {
        updateEDetector(worse as never, { trials: 40, errors })
        updateEDetector(better as never, { trials: 40, errors: Math.max(0, errors - saved) })
      }
      assert.ok((better?.logStatistic as number) <= (worse?.logStatistic as number) + 1e-9)
    }),
    runs(1000),
  )
})

test('errors that keep to the acceptable mean alarm no more often than once in `threshold` panes', () => {
  const random = seeded(testSeed())
  const [m, threshold, starts] = [0.1, 100, 200]
  let panes = 0
  for (let start = 0; start < starts; start++) {
    const state = createEDetector({ m, bets: gradedBets(m, 8), threshold })
    for (;;) {
      panes++
      let errors = 0
      for (let i = 0; i < 20; i++) if (random() < m) errors++
      if (updateEDetector(state, { trials: 20, errors })) break
    }
  }
  // The run length varies about as much as its mean, so the mean of 200 is off by more than 20 % once in 400.
  assert.ok(panes / starts > 0.8 * threshold, `average run length ${panes / starts}`)
})

test('a rise is found in the panes that its size asks for, and a fall never', () => {
  const bets = gradedBets(0.11, 8)
  const state = createEDetector({ m: 0.11, bets, threshold: 1e6 })
  for (let pane = 0; pane < 1000; pane++) assert.equal(updateEDetector(state, { trials: 100, errors: 5 }), false)
  let panes = 1
  while (!updateEDetector(state, { trials: 100, errors: 20 })) panes++
  // ln 1e6 over the divergence of .2 from .11, 100 rows a pane, would be 4.1 with the best bet known.
  assert.ok(panes >= 4 && panes <= 6, `${panes} panes`)
})

test('evidence is divided by the design effect', () => {
  const options = { m: 0.1, bets: [2], threshold: 10 }
  const [plain, clustered] = [createEDetector(options), createEDetector({ ...options, designEffect: 4 })]
  updateEDetector(plain, { trials: 100, errors: 30 })
  updateEDetector(clustered, { trials: 100, errors: 30 })
  assert.ok(Math.abs((plain.logStatistic as number) - 4 * (clustered.logStatistic as number)) < 1e-12)
})

test('a detector that was limited comes back in the panes that the limit asks for', () => {
  const state = createEDetector({ m: 0.1, bets: gradedBets(0.1, 4), threshold: 100 })
  const limit = Math.log(100) + Math.log(4)
  for (let pane = 0; pane < 500; pane++) {
    updateEDetector(state, { trials: 100, errors: 40 })
    limitEDetector(state, limit)
  }
  assert.ok((state.logStatistic as number) <= limit && state.changed)
  let panes = 0
  do panes++
  while (updateEDetector(state, { trials: 100, errors: 5 }))
  assert.ok(panes <= 2, `${panes} panes`)
})

test('invalid parameters are refused by name', () => {
  const valid = { m: 0.1, bets: [1], threshold: 100 }
  for (const [options, message] of [
    [{ m: 0 }, /m is 0/],
    [{ m: 1 }, /m is 1/],
    [{ bets: [] }, /bets is empty/],
    [{ bets: [10] }, /one of the bets is 10/],
    [{ threshold: 0 }, /threshold is 0/],
    [{ designEffect: 0.5 }, /designEffect is 0.5/],
  ] as const) {
    assert.throws(() => createEDetector({ ...valid, ...options }), message)
  }
  const state = createEDetector(valid)
  assert.throws(() => updateEDetector(state, { trials: 1, errors: 2 }), /errors is 2/)
  assert.throws(() => updateEDetector(state, { trials: 1.5, errors: 1 }), /trials is 1.5/)
  assert.throws(() => gradedBets(0.1, 1), /count is 1/)
  assert.throws(() => limitEDetector(state, Number.NaN), /logLimit is NaN/)
})
