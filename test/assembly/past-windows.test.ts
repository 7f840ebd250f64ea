// The past of a model version is read in pages, between which a daemon commits.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Past } from '../../src/assembly/past-windows.ts'
import { openStore } from '../../src/store/store.ts'
import { changes, result } from '../store/changes.ts'
import { stateDirectory } from '../store/state-directory.ts'

const HOUR = 3_600_000

test('what is committed between two pages is read by the next call, also of windows that were paged past', async (t) => {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const of = (hour: number, revision: number, provisional = true) =>
    result({ model: 'a', version: '1', window: '1h', end: hour * HOUR, revision, provisional })
  const hours = Array.from({ length: 150 }, (_, i) => i + 1)
  store.commit(
    changes({ streams: [{ index: 0, model: 'a', version: '1' }], results: hours.map((hour) => of(hour, 0)) }),
  )
  let pages = 0
  const views = {
    ...store.views,
    evaluationHeads: (query: Parameters<typeof store.views.evaluationHeads>[0]) => {
      // After the first page the labels of its first window are complete, and a new window follows.
      if (pages++ === 1) store.commit(changes({ results: [of(1, 1, false), of(151, 0)] }))
      return store.views.evaluationHeads(query)
    },
  }
  const specs = [{ name: '1h', sizeMs: HOUR, slideMs: HOUR }]
  const past = new Past(views, { model: 'a', version: '1', specs, from: 0, to: 1_000 * HOUR })
  await past.refresh()
  await past.refresh()
  const read = past.history.windows.map(({ end, news }) => `${end / HOUR} ${news.join(' ')}`)
  assert.ok(pages > 3)
  assert.deepEqual(read.slice(-2), ['1 performance', '151 quality drift volume estimated'])
  assert.equal(read.length, 152)
})
