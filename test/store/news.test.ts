import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unhandled } from '../../src/handling/state.ts'
import type { News } from '../../src/store/news.ts'
import { telling } from '../../src/store/news.ts'
import { openStore } from '../../src/store/store.ts'
import { changes, incident, result, trigger } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

const audit = {
  at: 1,
  request: 'r',
  actor: 'anna',
  role: 'operator',
  remote: '',
  action: 'a',
  target: 'm',
  outcome: 'done',
  detail: '',
} as const

const silence = {
  ...{ id: 's1', matchers: { model: 'm' }, start: 1, end: 9, reason: 'a campaign' },
  ...{ author: 'anna', createdAt: 1, endedBy: null },
}

test('each transaction tells what it has changed, once it is stored, and one that fails tells nothing', (t) => {
  const opened = openStore(stateDirectory(t))
  const told: News[] = []
  const store = telling(opened, (news) => {
    for (const { model } of news.results) assert.equal(opened.views.results({ model, limit: 1 }).length, 1)
    told.push(news)
  })
  t.after(() => store.close())
  const transitions = [{ incidentId: 'i1', sequence: 1, change: 'firing', because: '', at: 2 }] as const
  store.commit(
    changes({
      results: [result()],
      incidents: [incident(), incident({ id: 'i2' })],
      transitions,
      triggers: [trigger()],
      dropResultsBefore: 7,
    }),
  )
  store.handling.write({ states: [{ ...unhandled('i1'), acknowledgedBy: 'anna' }] })
  store.handling.write({ silences: [silence] })
  store.handling.write({ audit: [audit] })
  store.writeLiveness({ documents: [], incidents: [], transitions: [], notifications: [] })
  store.writeLiveness({ documents: [], incidents: [incident({ id: 'i3' })], transitions: [], notifications: [] })
  store.retraining.setAutomation('m', null, audit)
  assert.deepEqual(
    told.map(({ results, incidents, happenedTo, handling, isSilenced, retraining, forgottenBefore }) => [
      results.length,
      incidents.map(({ id }) => id),
      happenedTo,
      handling.map(({ acknowledgedBy }) => acknowledgedBy),
      isSilenced,
      retraining,
      forgottenBefore,
    ]),
    [
      [1, ['i1', 'i2'], ['i1'], [], false, ['m'], 7],
      [0, ['i1'], ['i1'], ['anna'], false, [], null],
      [0, [], [], [], true, [], null],
      [0, ['i3'], ['i3'], [], false, [], null],
      [0, [], [], [], false, ['m'], null],
    ],
  )
  const stream = { index: 1, model: 'm', version: '1' }
  assert.throws(() => store.commit(changes({ streams: [stream, stream] })))
  assert.equal(told.length, 5)
})
