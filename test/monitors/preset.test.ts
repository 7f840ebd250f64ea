// Columns that are judged as another tool would: the tool's value, its threshold and its rule alone, from a window's summary.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeDrift } from '../../src/monitors/drift.ts'
import { createSubject } from '../../src/monitors/subject.ts'
import type { Judged, Verdict } from '../../src/monitors/verdict.ts'
import { learnReference } from '../../src/reference/learn.ts'
import type { PresetSettings } from '../../src/reference/preset.ts'
import { presetNamed } from '../../src/reference/preset.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { deserialise, serialise } from '../../src/reference/reference.ts'
import { azureJensenShannon, azureWasserstein } from '../../src/statistics/compatibility/azure/distances.ts'
import { evidentlyValueDrift } from '../../src/statistics/compatibility/evidently/value-drift.ts'
import { nannymlAlerts } from '../../src/statistics/compatibility/nannyml/alerts.ts'
import { sagemakerLinf } from '../../src/statistics/compatibility/sagemaker/linf.ts'
import type { ColumnValue } from '../../src/statistics/compatibility/values.ts'
import { categoriesOf, countCategories, numbersOf } from '../../src/statistics/compatibility/values.ts'
import { vertexJensenShannon, vertexLInfinity } from '../../src/statistics/compatibility/vertex/divergences.ts'
import { contributeInputs } from '../../src/summaries/contribute.ts'
import { changed, rows } from '../build/rows.ts'

const MINUTE = 60_000
const spec = { name: '200m', sizeMs: 200 * MINUTE, slideMs: 200 * MINUTE }
/** n0 is normal, n1 a whole number of 0 to 4, n2 skewed with whole numbers, c a category. */
const shaped = (from: ReferenceRow[]) =>
  changed(
    changed(from, 'n1', (value) => Math.min(4, Math.max(0, Math.round((value as number) + 2)))),
    'n2',
    (value) => Math.round(20 * Math.exp(value as number)),
  )
const before = shaped(rows(3_000, { seed: 11, numbers: 3 }))
const quiet = shaped(rows(200, { seed: 12, numbers: 3 }))
const moved = changed(quiet, 'n0', (value) => (value as number) * 0.6 + 0.9)

const learning = {
  model: 'm',
  task: 'binary',
  positiveClass: '1',
  classes: null,
  columnKinds: {},
  multivariate: false,
  estimation: false,
  textual: false,
  source: 'test',
  windows: [spec],
  minSamples: 100,
} as const

function learn(presets: PresetSettings): Reference {
  return learnReference(before, { ...learning, presets })
}

function verdictsOf(
  reference: Reference,
  presets: PresetSettings,
  window: readonly ReferenceRow[],
): Map<string | null, Verdict> {
  const subject = createSubject(reference, {
    windows: [spec],
    falseAlarmBudget: 1,
    minSamples: 100,
    minCoverage: 0.8,
    metrics: [],
    alarms: {},
    multivariate: false,
    estimation: false,
    presets,
  })
  const { inputs } = reference.layout
  const summary = new Float64Array(inputs.size)
  for (const { event } of window) {
    contributeInputs(inputs, summary, { features: event.features, score: event.score, prediction: event.prediction })
  }
  return new Map(judgeDrift(subject, spec, summary).map((verdict) => [verdict.feature, verdict]))
}

function all(name: string, threshold: number | null = null): PresetSettings {
  return { all: { preset: presetNamed(name), threshold }, columns: {} }
}

function judge(name: string, window: readonly ReferenceRow[]): Map<string | null, Judged> {
  const settings = all(name)
  return verdictsOf(learn(settings), settings, window) as Map<string | null, Judged>
}

const column = (from: readonly ReferenceRow[], name: string) =>
  from.map(({ event }) => event.features[name] as ColumnValue)

function near(got: number, wanted: number, allowed: number, what: string): void {
  assert.ok(Math.abs(got - wanted) <= allowed, `${what}: got ${got}, wanted ${wanted}`)
}

test('evidently/default takes the method, the threshold and the value that Evidently takes', () => {
  for (const window of [quiet, moved]) {
    const verdicts = judge('evidently/default', window)
    for (const [name, type] of [
      ['n0', 'numeric'],
      ['n1', 'numeric'],
      ['n2', 'numeric'],
      ['c', 'categorical'],
    ] as const) {
      const wanted = evidentlyValueDrift({ type, reference: column(before, name), current: column(window, name) })
      const verdict = verdicts.get(name) as Judged
      assert.equal(verdict.metric, `evidently/${wanted.method}`)
      assert.equal(verdict.threshold, wanted.threshold)
      near(verdict.value, wanted.value, 0.001, name)
      assert.equal(verdict.status, wanted.drifted ? 'alarm' : 'ok')
    }
  }
})

test('bins that a preset freezes with the reference make its values exact while a window stays within its range', () => {
  for (const name of ['psi', 'kl_div', 'jensenshannon', 'hellinger'] as const) {
    const verdicts = judge(`evidently/${name}`, quiet)
    for (const [feature, type] of [
      ['n0', 'numeric'],
      ['n1', 'numeric'],
      ['c', 'categorical'],
    ] as const) {
      const wanted = evidentlyValueDrift(
        { type, reference: column(before, feature), current: column(quiet, feature) },
        name,
      )
      near((verdicts.get(feature) as Judged).value, wanted.value, 1e-12, `${name} ${feature}`)
    }
  }
})

test('NannyML has its own bins, whatever the window, and its threshold from the windows of the reference', () => {
  for (const method of ['jensen_shannon', 'hellinger'] as const) {
    for (const window of [quiet, moved]) {
      const verdicts = judge(`nannyml/${method}`, window)
      for (const [name, type] of [
        ['n0', 'continuous'],
        ['n2', 'continuous'],
        ['c', 'categorical'],
      ] as const) {
        // The window that ends with the reference's last row is not whole.
        const wanted = nannymlAlerts(method, {
          type,
          reference: column(before, name).slice(0, 2_800),
          current: column(window, name),
          rowsPerChunk: 200,
        })
        const whole = nannymlAlerts(method, {
          type,
          reference: column(before, name),
          current: column(window, name),
          rowsPerChunk: 200,
        })
        const verdict = verdicts.get(name) as Judged
        near(verdict.value, whole.values[0] as number, 1e-12, `${method} ${name}`)
        near(verdict.threshold as number, wanted.upperThreshold as number, 0.02, `threshold of ${method} ${name}`)
        assert.equal(verdict.status, verdict.value > (verdict.threshold as number) ? 'alarm' : 'ok')
      }
    }
  }
})

test('Azure, SageMaker and Vertex are judged by their own distances and thresholds', () => {
  const [n0, now] = [numbersOf('before', column(before, 'n0')), numbersOf('now', column(moved, 'n0'))]
  const counts = countCategories(categoriesOf(column(before, 'c')), categoriesOf(column(moved, 'c')))
  const azure = judge('azure', moved)
  near((azure.get('n0') as Judged).value, azureWasserstein(n0, now), 0.001, 'azure')
  near((azure.get('c') as Judged).value, azureJensenShannon(counts), 1e-12, 'azure')
  assert.deepEqual([azure.get('n0')?.metric, azure.get('n0')?.threshold], ['azure/wasserstein', 0.1])
  const sagemaker = judge('sagemaker', moved)
  near((sagemaker.get('n0') as Judged).value, sagemakerLinf('robust', n0, now), 1 / 256, 'sagemaker')
  assert.deepEqual([sagemaker.get('n0')?.metric, sagemaker.get('n0')?.threshold], ['sagemaker/linf_robust', 0.1])
  const vertex = judge('vertex', moved)
  near((vertex.get('n0') as Judged).value, vertexJensenShannon(n0, now), 0.02, 'vertex')
  near((vertex.get('c') as Judged).value, vertexLInfinity(counts), 1e-12, 'vertex')
  assert.equal(vertex.get('n0')?.threshold, 0.3)
})

test('a preset alarms by its rule alone, at once; a threshold of the configuration takes the place of its own', () => {
  const verdict = judge('evidently/psi', moved).get('n0') as Judged
  assert.deepEqual([verdict.status, verdict.severe, verdict.clear, verdict.pValue], ['alarm', true, false, null])
  const lenient = all('evidently/psi', 50)
  const spared = verdictsOf(learn(lenient), lenient, moved).get('n0') as Judged
  assert.deepEqual([spared.status, spared.threshold, spared.value], ['ok', 50, verdict.value])
})

test('columns can have a preset of their own, or stay with Leeway; what is not for a kind gives way to its tool', () => {
  const settings: PresetSettings = {
    all: { preset: presetNamed('evidently/wasserstein'), threshold: 0.2 },
    columns: { n0: null, n1: { preset: presetNamed('nannyml/chi2'), threshold: null } },
  }
  const verdicts = verdictsOf(learn(settings), settings, quiet)
  assert.match(verdicts.get('n0')?.metric ?? '', /^(psi|wasserstein)$/)
  assert.equal(verdicts.get('n2')?.metric, 'evidently/wasserstein')
  assert.equal(verdicts.get('c')?.metric, 'evidently/jensenshannon')
  const unfit = verdicts.get('n1') as Extract<Verdict, { status: 'insufficient' }>
  assert.equal(unfit.reason, 'nannyml/chi2 is not for numeric columns')
})

test('a reference with presets is the same after it was written and read', () => {
  const settings = all('nannyml/default')
  const reference = learn(settings)
  const read = deserialise(serialise(reference))
  assert.deepEqual(read.presetThresholds, JSON.parse(JSON.stringify(reference.presetThresholds)))
  assert.deepEqual(
    (verdictsOf(read, settings, moved).get('n0') as Judged).value,
    (verdictsOf(reference, settings, moved).get('n0') as Judged).value,
  )
})

test('what cannot be told from a window is said, with what can be used instead', () => {
  const constant = changed(before, 'n0', () => 7)
  const settings = all('nannyml/hellinger')
  const reference = learnReference(constant, { ...learning, presets: settings })
  const verdict = verdictsOf(reference, settings, quiet).get('n0')
  assert.match(verdict?.status === 'insufficient' ? verdict.reason : '', /single value.*use nannyml\/wasserstein/)
})

test('a window with few rows, or a reference too short for a threshold, says so', () => {
  const settings = all('nannyml/default')
  const few = verdictsOf(learn(settings), settings, quiet.slice(0, 50)).get('n0')
  assert.equal(few?.status === 'insufficient' && few.reason, '50 rows with a value, 100 needed')
  const { presetThresholds: _, ...bare } = learn(settings)
  const without = verdictsOf(bare, settings, quiet).get('n0')
  assert.match(without?.status === 'insufficient' ? without.reason : '', /set drift\.threshold/)
})
