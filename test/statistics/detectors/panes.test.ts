// Detectors that take whole panes at once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  adwinMean,
  adwinRise,
  createAdwin,
  updateAdwin,
  updateAdwinPane,
} from '../../../src/statistics/detectors/adwin.ts'
import { createDdm, ddmLevel, updateDdm } from '../../../src/statistics/detectors/ddm.ts'
import {
  createPageHinkley,
  pageHinkleyRise,
  updatePageHinkley,
} from '../../../src/statistics/detectors/page-hinkley.ts'
import { seeded, testSeed } from '../../build/random.ts'
import { runs } from '../../events/seed.ts'

/** A pane of `count` rows of which `errors` are errors. */
function paneOf(count: number, errors: number): { count: number; total: number; squares: number } {
  return { count, total: errors, squares: (errors * (count - errors)) / Math.max(1, count) }
}

test('panes of one row are the events themselves', () => {
  const events = fc.array(fc.constantFrom(0, 1), { maxLength: 150 })
  fc.assert(
    fc.property(events, (list) => {
      const [byEvent, byPane] = [0, 1].map(() => createAdwin({ delta: 0.2, clock: 3, minWindow: 2 }))
      for (const x of list) {
        const changed = updateAdwin(byEvent as never, x)
        assert.equal(updateAdwinPane(byPane as never, paneOf(1, x)), changed)
      }
      assert.deepEqual(byPane, byEvent)
    }),
    runs(1000),
  )
})

test('the window of panes knows how many values it holds, their mean and their variance', () => {
  const panes = fc.array(
    fc.nat({ max: 50 }).chain((count) => fc.tuple(fc.constant(count), fc.nat({ max: count }))),
    { minLength: 1, maxLength: 60 },
  )
  fc.assert(
    fc.property(panes, (list) => {
      // So strict that nothing is ever cut off.
      const state = createAdwin({ delta: 1e-300, maxBuckets: 2 })
      let [count, errors] = [0, 0]
      for (const [n, e] of list) {
        updateAdwinPane(state, paneOf(n, e))
        count += n
        errors += e
      }
      assert.equal(state.width, count)
      assert.equal(adwinMean(state), count === 0 ? 0 : errors / count)
      if (count > 0) assert.ok(Math.abs(state.squares - (errors * (count - errors)) / count) < 1e-9 * (1 + count))
    }),
    runs(1000),
  )
})

test('each finds a rise of the error rate in panes, and none calls a fall one', () => {
  const random = seeded(testSeed())
  const errorsOf = (rate: number) => Array.from({ length: 200 }).filter(() => random() < rate).length
  const adwin = createAdwin({ delta: 1e-9 })
  const pageHinkley = createPageHinkley({ mode: 'up', delta: 0.05, threshold: 200 })
  const ddm = createDdm({ warmStart: 2000, drift: 8 })
  const feed = (errors: number) => ({
    adwin: updateAdwinPane(adwin, paneOf(200, errors)) && adwin.rise > 1,
    pageHinkley: updatePageHinkley(pageHinkley, errors / 200, 200),
    ddm: updateDdm(ddm, errors / 200, 200),
  })
  for (let pane = 0; pane < 50; pane++) {
    assert.deepEqual(feed(errorsOf(0.3)), { adwin: false, pageHinkley: false, ddm: false })
  }
  for (let pane = 0; pane < 50; pane++) {
    assert.deepEqual(feed(errorsOf(0.1)), { adwin: false, pageHinkley: false, ddm: false })
  }
  const found = { adwin: 0, pageHinkley: 0, ddm: 0 }
  for (let pane = 1; pane <= 60; pane++) {
    for (const [name, rose] of Object.entries(feed(errorsOf(0.5))))
      found[name as keyof typeof found] ||= rose ? pane : 0
  }
  for (const [name, pane] of Object.entries(found))
    assert.ok(pane > 0 && pane <= 20, `${name} found it in pane ${pane}`)
})

test('how near a detector is to a change grows up to its threshold', () => {
  const adwin = createAdwin()
  const pageHinkley = createPageHinkley({ mode: 'up' })
  const ddm = createDdm()
  assert.equal(ddmLevel(ddm), null)
  for (let pane = 0; pane < 20; pane++) {
    updateAdwinPane(adwin, paneOf(100, 10))
    updatePageHinkley(pageHinkley, 0.1, 100)
    updateDdm(ddm, 0.1, 100)
  }
  assert.equal(adwinRise(adwin), 0)
  assert.equal(pageHinkleyRise(pageHinkley), 0)
  assert.equal(updateAdwinPane(adwin, paneOf(100, 20)), false)
  assert.equal(updatePageHinkley(pageHinkley, 0.2, 100), false)
  assert.equal(updateDdm(ddm, 0.12, 100), false)
  assert.ok(adwinRise(adwin) > 0 && adwinRise(adwin) < 1)
  assert.ok(pageHinkleyRise(pageHinkley) > 0)
  const level = ddmLevel(ddm) as { level: number; drift: number }
  assert.ok(level.level > 0.1 && level.level < level.drift)
})

test('invalid parameters are refused by name', () => {
  assert.throws(() => createAdwin({ delta: 0 }), /delta is 0/)
  assert.throws(() => createAdwin({ clock: 0 }), /clock is 0/)
  assert.throws(() => createAdwin({ maxBuckets: 1.5 }), /maxBuckets is 1.5/)
  assert.throws(() => updateAdwinPane(createAdwin(), { count: -1, total: 0, squares: 0 }), /count is -1/)
  assert.throws(() => updateAdwinPane(createAdwin(), { count: 1, total: 0, squares: -1 }), /squares is -1/)
  assert.throws(() => createPageHinkley({ mode: 'sideways' as never }), /mode is "sideways"/)
  assert.throws(() => createPageHinkley({ threshold: 0 }), /threshold is 0/)
  assert.throws(() => updatePageHinkley(createPageHinkley(), 0.5, 0), /count is 0/)
  assert.throws(() => createDdm({ warmStart: -1 }), /warmStart is -1/)
  assert.throws(() => updateDdm(createDdm(), 2), /values are errors/)
})
