import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QuietLooks } from '../../src/windows/quiet.ts'

const SLIDE = 1_000

function quiet() {
  const looks = new QuietLooks({ idleTimeoutMs: 100 })
  looks.brought(0, { predictions: true })
  return looks
}

test('a source that falls silent is looked at once, after the idle time-out', () => {
  const looks = quiet()
  assert.deepEqual(
    [50, 100, 150, 5_000].map((at) => looks.isDue(at, SLIDE)),
    [false, true, false, false],
  )
})

test('labels that trickle in are looked at once a slide, however often they come', () => {
  const looks = quiet()
  let due = 0
  for (let at = 10; at <= 10_000; at += 10) {
    looks.brought(at, { predictions: false })
    if (looks.isDue(at, SLIDE)) due++
  }
  assert.equal(due, 10)
})

test('bursts of labels with silence between them are looked at once a slide', () => {
  const looks = quiet()
  assert.equal(looks.isDue(200, SLIDE), true)
  looks.brought(300, { predictions: false })
  assert.deepEqual(
    [450, 1_199, 1_200].map((at) => looks.isDue(at, SLIDE)),
    [false, false, true],
  )
})

test('a prediction ends the rest, and the next one begins with a look of its own', () => {
  const looks = quiet()
  assert.equal(looks.isDue(200, SLIDE), true)
  looks.brought(250, { predictions: true })
  assert.equal(looks.isDue(300, SLIDE), false)
  assert.equal(looks.isDue(350, SLIDE), true)
})

test('what an earlier process left is looked at, though nothing comes', () => {
  assert.equal(new QuietLooks({ idleTimeoutMs: 100 }).isDue(0, SLIDE), true)
})
