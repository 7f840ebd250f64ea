// The page of a model on real data: a year of the California model, whose page must say what its windows say.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ModelPages } from '../../src/assembly/model-pages.ts'
import { loadDocument } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import { startDaemon } from '../../src/daemon.ts'
import { headlineOf } from '../../src/delivery/message.ts'
import { isActive } from '../../src/incidents/incident.ts'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import type { ModelOverview } from '../../src/overview/model.ts'
import { compareColumn } from '../../src/reference/comparison.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { DAY, formatInstant } from '../../src/time.ts'

const gravity = ' iowa'
const letters = { ok: 'o', warning: 'w', alarm: 'a', insufficient: 'i' } as const

/** What each test said at worst in each column, read from the windows one by one. */
function worstOf(overview: ModelOverview, windows: readonly WindowResult[]): Map<string, string> {
  const { ends, range } = overview
  const first = Date.parse(ends[0] ?? '') - (range?.columnMs ?? 0)
  const found = new Map<string, string[]>()
  for (const { end, verdicts } of windows) {
    const column = Math.ceil((end - first) / (range?.columnMs ?? 1)) - 1
    if (column < 0) continue
    for (const { monitor, status } of verdicts) {
      const cells = found.get(monitor) ?? ends.map(() => ' ')
      found.set(monitor, cells)
      if (gravity.indexOf(letters[status]) > gravity.indexOf(cells[column] ?? ' ')) cells[column] = letters[status]
    }
  }
  return new Map([...found].map(([monitor, cells]) => [monitor, cells.join('')]))
}

/** @throws AssertionError where a test is shown as less than it said */
function assertNothingHidden(overview: ModelOverview, windows: readonly WindowResult[]): void {
  const worst = worstOf(overview, windows)
  assert.ok(overview.tests.length >= 8)
  for (const { monitor, statuses } of overview.tests) assert.equal(statuses, worst.get(monitor), monitor)
  for (const { metric, statuses } of overview.metrics)
    assert.equal(statuses, worst.get(`performance/${metric}`), metric)
}

test('the page of a model on real data says what its windows say, and its features what they hold', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'leeway-page-'))
  const document = loadDocument(join(import.meta.dirname, '..', '..', 'examples', 'california', 'leeway.yaml'))
  const daemon = await startDaemon({
    ...{ document, version: 'test', mode: 'replay', deliver: false, write: () => {} },
    settings: loadSettings({ env: {}, flags: { stateDir } }),
    log: createLog('silent'),
  })
  try {
    await daemon.run()
    const { views } = daemon.store
    const { pipeline } = daemon
    const pages = new ModelPages({ store: daemon.store, inForce: () => ({ document, pipeline }), now: Date.now })
    const nothing = { version: null, window: null, since: null, from: null, to: null }
    const windows = views.results({ model: 'california', order: 'oldest', limit: 10_000 })
    const newest = windows.at(-1)
    assert.ok(newest !== undefined && windows.length > 200)

    const whole = await pages.overview('california', { ...nothing, since: 400 * DAY })
    assert.ok(whole !== undefined)
    assert.ok(whole.range !== null && whole.range.windowsPerColumn > 1, 'columns stand for several windows')
    assertNothingHidden(whole, windows)
    // A page that thins out instead would be caught.
    const thinned = whole.ends.map((end) => windows.find((window) => formatInstant(window.end) === end))
    assert.throws(
      () =>
        assertNothingHidden(
          whole,
          thinned.flatMap((window) => window ?? []),
        ),
      /AssertionError|drift|quality/,
    )

    const active = views.incidents({ model: 'california', limit: 100 }).filter(isActive)
    assert.ok(active.length > 0)
    assert.deepEqual(whole.said.map(({ incident }) => incident).sort(), active.map(({ id }) => id).sort())
    for (const incident of active) {
      const text: string = whole.said.find((one) => one.incident === incident.id)?.text ?? ''
      assert.ok(text.startsWith(headlineOf(incident)), text)
    }
    const auc = newest.verdicts.find(({ monitor }) => monitor === 'performance/roc_auc')
    const shown = whole.metrics.find(({ metric }) => metric === 'roc_auc')
    assert.deepEqual([shown?.now?.value, shown?.now?.low, shown?.now?.high], [auc?.value, auc?.low, auc?.high])
    assert.equal(whole.newest?.rows, newest.samples)
    assert.equal(
      whole.delays?.bins.reduce((sum, { count }) => sum + count, 0),
      8_232,
    )

    const [stream] = pipeline.models()[0]?.streams.values() ?? []
    assert.ok(stream !== undefined)
    for (const column of stream.subject.columns) {
      const { name } = column.cells.column
      const feature = await pages.feature('california', name, { ...nothing, end: null })
      const inputs = stream.inputs.sum(newest.start, newest.end)
      const { psi } = compareColumn(column, inputs).distances()
      assert.ok(Math.abs((feature?.distribution?.psi ?? 0) - psi) < 1e-9, name)
      assert.equal(feature?.statistics?.current.rows, newest.samples)
      const said: WindowResult['verdicts'] = newest.verdicts.filter(
        (one) => one.kind === 'drift' && one.feature === name,
      )
      assert.equal(feature?.tests[0]?.says?.status, said[0]?.status, name)
    }
    const before = await pages.feature('california', 'MedInc', { ...nothing, end: Date.UTC(2021, 9, 1) })
    assert.equal(before?.at?.end, '2021-10-01T00:00:00Z')
    assert.equal(before?.statistics?.current.rows, windows.find(({ end }) => end === Date.UTC(2021, 9, 1))?.samples)
    stream.inputs.dropBefore(newest.end)
    const forgotten = await pages.feature('california', 'MedInc', { ...nothing, end: newest.end })
    assert.match(forgotten?.because ?? '', /not kept any more; windows that begin at 2022-05-09T00:00:00Z or later are/)
    assert.equal(forgotten?.distribution, null)
    await pages.stop()
  } finally {
    await daemon.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
})
