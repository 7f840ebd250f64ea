// Two references side by side, and the story of those that a model has had.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareColumns, comparePerformance, performanceOf } from '../../src/overview/reference-comparison.ts'
import { compareReferences, referencesOverview } from '../../src/overview/references.ts'
import { learnWithPeriod } from '../../src/reference/learn.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import type { Reference } from '../../src/reference/reference.ts'
import type { MadeReference } from '../../src/store/model-references.ts'
import { HOUR } from '../../src/time.ts'
import { changed, rows } from '../build/rows.ts'

const windows = [{ name: '2h', sizeMs: 2 * HOUR, slideMs: HOUR }]

function learnt(from: readonly ReferenceRow[]): Reference {
  return learnWithPeriod(from, {
    model: 'm',
    task: 'binary',
    positiveClass: '1',
    classes: null,
    columnKinds: {},
    multivariate: true,
    textual: false,
    source: 'file reference.csv',
    windows,
    minSamples: 50,
    estimation: true,
  }).reference
}

const first = learnt(rows(4_000, { seed: 1, numbers: 2 }))
const same = learnt(rows(4_000, { seed: 2, numbers: 2 }))
const moved = learnt(
  changed(
    changed(rows(4_000, { seed: 3, numbers: 2 }), 'n0', (value) => Number(value) + 1),
    'c',
    (value, i) => (i % 4 === 0 ? null : value),
  ),
)

test('a reference lies nowhere apart from itself, exactly', () => {
  for (const { psi, js, isExact, missing, name } of compareColumns(first, first)) {
    assert.deepEqual([psi, js, isExact], [0, 0, true], name)
    assert.equal(missing[0], missing[1])
  }
})

test('bins that were learnt apart are merged: the same rows are near, rows that moved are far and stand first', () => {
  const near = compareColumns(first, same)
  for (const { name, psi, isExact, because } of near) {
    assert.equal(because, null, name)
    assert.equal(isExact, ['c', 'prediction'].includes(name), name)
    assert.ok((psi as number) < 0.02, `${name}: ${psi}`)
  }
  const [worst, ...rest] = compareColumns(first, moved)
  assert.equal(worst?.name, 'n0')
  // Two normal distributions that are one standard deviation apart have a PSI of 1; bins keep nearly all of it.
  assert.ok(Math.abs((worst?.psi as number) - 1) < 0.15, `${worst?.psi}`)
  assert.ok(Math.abs((worst?.mean[1] as number) - 1) < 0.1)
  assert.deepEqual(rest.find(({ name }) => name === 'c')?.missing, [0, 0.25])
  const shares = worst?.bars.reduce((sum, { current }) => sum + current, 0) ?? 0
  assert.ok(Math.abs(shares - 1) < 1e-4, `${shares}`)
})

test('a column that one of them lacks is named, with why', () => {
  const lacking = learnt(rows(4_000, { seed: 4, numbers: 1 }))
  const of = (all: ReturnType<typeof compareColumns>) => all.find(({ name }) => name === 'n1')?.because
  assert.equal(of(compareColumns(first, lacking)), 'the second reference does not have it')
  assert.equal(of(compareColumns(lacking, first)), 'the first reference does not have it')
})

test('performance stands side by side, and chance is no difference', () => {
  const turned = learnt(
    rows(4_000, { seed: 5, numbers: 2 }).map((row, i) => (i % 3 === 0 ? { ...row, label: '1' } : row)),
  )
  const of = (reference: Reference) => performanceOf(reference, ['accuracy', 'roc_auc'], undefined)
  assert.deepEqual(
    comparePerformance(of(first), of(same)).map(({ name, differs }) => [name, differs]),
    [
      ['accuracy', false],
      ['ROC AUC', false],
    ],
  )
  assert.equal(comparePerformance(of(first), of(turned))[0]?.differs, true)
})

const made = (number: number, reference: Reference, some: Partial<MadeReference> = {}): MadeReference => ({
  ...{ number, deed: `d${number}`, model: 'm', version: null, id: reference.id, kind: 'accepted', incident: 'i1' },
  ...{ before: first.id, source: 'accepted by Ann', rows: 4_000, labelled: 4_000, from: 0, to: HOUR },
  ...{ says: ['made of 4000 rows'], at: 10 * HOUR, by: 'Ann', note: 'prices went up', ended: null, ...some },
})

test('each reference says whose it is, since when, by whom and why; what was taken back leaves the one before in force anew', () => {
  const facts = {
    ...{ model: 'm', configured: first, metrics: ['accuracy'], metricOptions: undefined },
    versions: [{ version: '7', of: 'configuration' as const, id: first.id }],
    made: [made(1, moved, { ended: { at: 20 * HOUR, by: 'Bob', because: 'a mistake' } })],
    profile: (id: string) => [first, moved].find((one) => one.id === id),
  }
  const [accepted, configured] = referencesOverview(facts).references
  assert.deepEqual(
    [configured?.origin, configured?.inForceFor, configured?.inForceSince],
    ['configuration', ['7'], '1970-01-01T20:00:00Z'],
  )
  assert.deepEqual(
    [accepted?.origin, accepted?.inForceFor, accepted?.made?.by, accepted?.made?.note, accepted?.ended?.by],
    ['accepted', [], 'Ann', 'prices went up', 'Bob'],
  )
  assert.equal(configured?.performance[0]?.name, 'accuracy')
  const compared = compareReferences(facts, { first: first.id, second: moved.id })
  assert.equal(typeof compared === 'string' ? compared : compared.columns[0]?.name, 'n0')
  assert.equal(compareReferences(facts, { first: first.id, second: 'nowhere' }), 'm has no reference nowhere')
  const forgotten = compareReferences({ ...facts, profile: () => undefined }, { first: first.id, second: moved.id })
  assert.match(String(forgotten), /is kept no longer/)
})
