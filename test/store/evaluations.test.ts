import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Verdict } from '../../src/monitors/verdict.ts'
import { openStore } from '../../src/store/store.ts'
import { changes, result } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

const HOUR = 3_600_000
const query = { model: 'a', version: '1', window: '1h', from: 0, to: 100 * HOUR, limit: 100 }

function said(monitor: string, value: number): Verdict {
  const identity = { monitor, kind: 'drift', feature: monitor, metric: 'psi' } as const
  const none = { reference: null, low: null, high: null, calibrated: true }
  return { ...identity, status: 'insufficient', value, ...none, reason: `},{"monitor":"x","reason":"]` }
}

test('a window is heard once for its inputs and once when its labels are complete, in the order of its evaluations', (t) => {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const of = (hour: number, revision: number, provisional: boolean) =>
    result({ model: 'a', version: '1', window: '1h', end: hour * HOUR, revision, provisional })
  store.commit(
    changes({
      streams: [{ index: 0, model: 'a', version: '1' }],
      results: [of(1, 0, true), of(2, 0, false), of(1, 1, true), of(3, 0, true), of(1, 2, false), of(1, 3, false)],
    }),
  )
  const heads = [...store.views.evaluationHeads(query)].sort((a, b) => a.number - b.number)
  assert.deepEqual(
    heads.map(({ end, news }) => `${end / HOUR} ${news.join(' ')}`),
    [
      '1 quality drift volume estimated',
      '2 quality drift volume estimated performance',
      '3 quality drift volume estimated',
      '1 performance',
    ],
  )
  const [first, , , last] = heads
  assert.equal(store.views.evaluation(last?.number as number)?.revision, 2)
  assert.equal(store.views.evaluation(first?.number as number)?.revision, 0)
  // Windows are told in pages, and those of another range are not.
  const page = store.views.evaluationHeads({ ...query, limit: 1 })
  assert.deepEqual([...new Set(page.map(({ end }) => end))], [HOUR])
  const rest = store.views.evaluationHeads({ ...query, from: 2 * HOUR, to: 3 * HOUR })
  assert.deepEqual([...new Set(rest.map(({ end }) => end))], [2 * HOUR])
})

test('what one monitor said is found whatever names and reasons say', (t) => {
  const store = openStore(stateDirectory(t))
  t.after(() => store.close())
  const names = ['drift/a', 'drift/a"},{"monitor":"drift/b"', 'drift/b', 'drift/\\', 'drift/b,']
  const verdicts = names.map((name, i) => said(name, i))
  store.commit(
    changes({
      streams: [{ index: 0, model: 'a', version: '1' }],
      results: [result({ model: 'a', version: '1', window: '1h', end: HOUR, revision: 0, verdicts })],
    }),
  )
  const [{ number = 0 } = {}] = store.views.evaluationHeads(query)
  for (const [i, name] of names.entries()) assert.deepEqual(store.views.verdictIn(number, name), verdicts[i])
  assert.equal(store.views.verdictIn(number, 'drift/c'), undefined)
  assert.equal(store.views.verdictIn(number + 1, 'drift/a'), undefined)
})
