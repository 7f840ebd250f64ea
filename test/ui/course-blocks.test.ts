import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blocks, rangeText } from '../../src/ui/report/course-blocks.ts'

const course = (...values: ReadonlyArray<number | null>) => ({
  form: 'share' as const,
  points: values.map((value) => ({
    ...{ end: '2026-01-05T00:00:00Z', value, low: null, high: null, rows: 0, reference: null, threshold: null },
    ...{ status: 'ok' as const, isProvisional: false },
  })),
})

test('a course is a line of blocks from its smallest value to its largest, with a dot where nothing is known', () => {
  const some = course(0.1, null, 0.46, 0.8)
  assert.deepEqual([blocks(some), rangeText(some)], ['▁·▅█', '10 % to 80 %'])
})

test('where nothing is known in any window, no number is made up', () => {
  const none = course(null, null)
  assert.deepEqual([blocks(none), rangeText(none)], ['··', 'not known in any window'])
})
