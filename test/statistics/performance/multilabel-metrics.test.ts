import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MultilabelOutcomes } from '../../../src/statistics/performance/multilabel-metrics.ts'
import { multilabelMetrics } from '../../../src/statistics/performance/multilabel-metrics.ts'
import { seeded } from '../../build/random.ts'
import { bootstrap } from './bootstrap.ts'
import { measured } from './measured.ts'

const seed = Number(process.env['LEEWAY_TEST_SEED'] ?? 41)

/** Which labels a row has, and which it was given. */
interface Row {
  readonly truth: readonly boolean[]
  readonly given: readonly boolean[]
}

function outcomesOf(rows: readonly Row[]): MultilabelOutcomes {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0)
  const h = ({ truth, given }: Row) => truth.filter((is, i) => is && given[i]).length
  const p = ({ given }: Row) => given.filter(Boolean).length
  const t = ({ truth }: Row) => truth.filter(Boolean).length
  return {
    labels: (rows[0] as Row).truth.map((_, i) => {
      const count = (is: boolean, was: boolean) =>
        rows.filter(({ truth, given }) => truth[i] === is && given[i] === was).length
      return {
        truePositives: count(true, true),
        falsePositives: count(false, true),
        falseNegatives: count(true, false),
        trueNegatives: count(false, false),
      }
    }),
    sums: {
      rows: rows.length,
      hits: sum(h),
      given: sum(p),
      truths: sum(t),
      hitsSquared: sum((row) => h(row) ** 2),
      givenSquared: sum((row) => p(row) ** 2),
      truthsSquared: sum((row) => t(row) ** 2),
      hitsGiven: sum((row) => h(row) * p(row)),
      hitsTruths: sum((row) => h(row) * t(row)),
      givenTruths: sum((row) => p(row) * t(row)),
      exact: sum(({ truth, given }) => (truth.every((is, i) => is === given[i]) ? 1 : 0)),
    },
  }
}

/** Rows whose labels come and go together, so that decisions of a row are far from independent. */
function draw(random: () => number, rows: number): Row[] {
  return Array.from({ length: rows }, () => {
    const [often, good] = [random() < 0.5 ? 0.6 : 0.1, random() < 0.7 ? 0.95 : 0.5]
    const truth = Array.from({ length: 4 }, () => random() < often)
    return { truth, given: truth.map((is) => (random() < good ? is : !is)) }
  })
}

test('the standard errors of pooled metrics take the row as the unit: they are the spread of resampled rows', () => {
  const random = seeded(seed)
  const rows = draw(random, 300)
  const metrics = multilabelMetrics(outcomesOf(rows))
  for (const name of ['precision_micro', 'recall_micro', 'f1_micro', 'hamming_loss', 'subset_accuracy'] as const) {
    const { standardError } = measured(metrics[name])
    const spread = bootstrap({
      rows: rows.length,
      resamples: 250,
      random,
      metric: (drawn) => measured(multilabelMetrics(outcomesOf(drawn.map((row) => rows[row] as Row)))[name]).value,
    })
    assert.ok(
      Math.abs(standardError / spread - 1) < 0.17,
      `${name}: ${standardError}, bootstrap ${spread}, seed ${seed}`,
    )
  }
})

test('metrics are what their definitions say, by hand', () => {
  const [yes, no] = [true, false]
  const rows: Row[] = [
    { truth: [yes, no, no], given: [yes, no, no] },
    { truth: [yes, yes, no], given: [yes, no, no] },
    { truth: [no, yes, no], given: [yes, yes, no] },
    { truth: [no, no, no], given: [no, no, no] },
  ]
  const metrics = multilabelMetrics(outcomesOf(rows), { minimums: false })
  const close = (name: keyof typeof metrics, wanted: number) =>
    assert.ok(Math.abs(measured(metrics[name]).value - wanted) < 1e-12, `${name} ${metrics[name].value}`)
  close('subset_accuracy', 0.5)
  close('hamming_loss', 2 / 12)
  close('precision_micro', 3 / 4)
  close('recall_micro', 3 / 4)
  close('f1_micro', 3 / 4)
  // The third label is never true and never given: it has no precision, recall or F1.
  close('precision_macro', (2 / 3 + 1) / 2)
  close('recall_macro', (1 + 1 / 2) / 2)
  close('f1_macro', (4 / 5 + 2 / 3) / 2)
})

test('nothing given, nothing true and too few rows are reasons', () => {
  const none = outcomesOf(Array.from({ length: 40 }, () => ({ truth: [false, true], given: [false, false] })))
  assert.deepEqual(multilabelMetrics(none).precision_micro, { value: null, reason: 'no labels given' })
  assert.equal(multilabelMetrics(none).recall_micro.value, 0)
  const few = outcomesOf([{ truth: [true], given: [true] }])
  assert.deepEqual(multilabelMetrics(few).subset_accuracy, {
    value: null,
    reason: '1 labelled rows with a decision, 30 needed',
  })
  assert.throws(
    () => multilabelMetrics({ ...none, sums: { ...none.sums, hits: -1 } }),
    /multilabelMetrics: hits is -1, it must be 0 or more/,
  )
})
