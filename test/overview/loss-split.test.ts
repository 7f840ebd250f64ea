import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitLoss } from '../../src/overview/loss-split.ts'
import { createLayout } from '../../src/summaries/layout.ts'
import { contributeOutcome } from '../../src/summaries/outcome.ts'
import { seeded } from '../build/random.ts'

const scoreEdges = Float64Array.from({ length: 63 }, (_, i) => (i + 1) / 64)
const { outcomes: layout } = createLayout([], { task: 'binary', classes: ['good', 'bad'], scoreEdges })

/** @param score of a row from a number between 0 and 1 @param turned share of rows whose truth is turned round */
function outcomesOf(seed: number, score: (u: number) => number, turned = 0): Float64Array {
  const random = seeded(seed)
  const summary = new Float64Array(layout.size)
  for (let i = 0; i < 20_000; i++) {
    const output = score(random())
    const label = Number(random() < output) ^ Number(random() < turned)
    contributeOutcome(layout, summary, { prediction: Number(output > 0.5), outputs: Float64Array.of(output), label }, 1)
  }
  return summary
}

const sure = (u: number) => (u < 0.5 ? u / 5 : 1 - u / 5)
const unsure = (u: number) => 0.3 + 0.4 * u

test('a rise of the loss is split into other rows and another truth, which add up to it', () => {
  for (const [score, turned] of [
    [unsure, 0],
    [sure, 0.1],
    [unsure, 0.1],
  ] as const) {
    const split = splitLoss(layout, outcomesOf(1, sure), outcomesOf(2, score, turned)) ?? assert.fail()
    assert.ok(Math.abs(split.mix + split.rate - (split.current - split.reference)) < 1e-9)
    assert.ok(split.current > split.reference)
  }
})

test('rows that lie elsewhere are mix, and rows that turn out otherwise are rate', () => {
  const moved = splitLoss(layout, outcomesOf(1, sure), outcomesOf(2, unsure)) ?? assert.fail()
  assert.ok(moved.mix > 0.2 && Math.abs(moved.rate) < 0.02, JSON.stringify(moved))
  const turned = splitLoss(layout, outcomesOf(1, sure), outcomesOf(2, sure, 0.1)) ?? assert.fail()
  assert.ok(turned.rate > 0.1 && Math.abs(turned.mix) < 0.02, JSON.stringify(turned))
})

test('of few labelled rows nothing is said', () => {
  assert.equal(splitLoss(layout, outcomesOf(1, sure), new Float64Array(layout.size)), undefined)
})
