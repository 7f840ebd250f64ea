import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Verdict } from '../../src/monitors/verdict.ts'
import type { WindowResult } from '../../src/monitors/window-result.ts'
import type { OutcomeFacts } from '../../src/retraining/outcome.ts'
import { follow, isFollowed, outcomeOf } from '../../src/retraining/outcome.ts'
import type { RetrainingRequest } from '../../src/retraining/request.ts'
import { DAY, HOUR } from '../../src/time.ts'
import { incident, result } from '../store/changes.ts'
import { asked, NOON, rule } from './requests.ts'

const evidence = { monitor: 'performance/roc_auc', window: '1h' } as const
const about = incident({ kind: 'performance', evidence: [{ ...evidence, threshold: 0.88, reference: 0.91 } as never] })

function window(hour: number, status: Verdict['status'], some: Partial<WindowResult> = {}): WindowResult {
  const value = status === 'alarm' ? 0.8 : 0.9
  const verdict = { monitor: 'performance/roc_auc', kind: 'performance', status, value } as Verdict
  return result({ version: '2', end: NOON + hour * HOUR, verdicts: [verdict], ...some })
}

function ended(output: Record<string, string> = { version: '2' }, promote = true): RetrainingRequest {
  const request = asked({ state: 'succeeded', cause: { is: 'incident', incident: about } })
  return outcomeOf(request, { output, from: NOON, now: NOON, promote })
}

const facts = (some: Partial<OutcomeFacts> = {}): OutcomeFacts => ({
  rule: rule({ verifyWindows: 3 }),
  newVersions: [],
  windows: [],
  stillFires: true,
  now: NOON + HOUR,
  ...some,
})
const promote = ({ model }: RetrainingRequest, version: string) =>
  ({ outcome: 'done', detail: `${model} ${version} it is` }) as const
const notYet = () => ({ outcome: 'waiting', detail: '3 rows' }) as const
const promoted = () => follow(ended(), facts(), promote)?.request as RetrainingRequest

test('the version comes from what the run gave back, or is the first new one that is seen', () => {
  assert.equal(ended().outcome?.version, '2')
  assert.equal(ended({}).outcome?.version, null)
  assert.equal(follow(ended({}), facts(), promote), undefined)
  const found = follow(ended({}), facts({ newVersions: ['2', '3'] }), promote)
  assert.deepEqual([found?.change, found?.request.outcome?.version], ['new version', '2'])
})

test('a model without versions has its own again', () => {
  const request = asked({ state: 'succeeded', version: '' })
  // A registry numbers what it is given, whatever events call it.
  for (const output of [{}, { version: '17' }])
    assert.equal(outcomeOf(request, { output, from: NOON, now: NOON, promote: true }).outcome?.version, '')
})

test('its reference is promoted once, and waiting for that holds up nothing', () => {
  assert.deepEqual([follow(ended(), facts(), promote)?.change, promoted().outcome?.promotion?.is], ['promoted', 'done'])
  assert.equal(follow(ended(), facts({ stillFires: false }), notYet)?.change, 'recovered')
  const recovered = follow(ended(), facts({ stillFires: false }), notYet)?.request as RetrainingRequest
  assert.equal(isFollowed(recovered), true)
  assert.equal(follow(recovered, facts(), promote)?.change, 'promoted')
  assert.equal(follow(recovered, facts({ now: NOON + 31 * DAY }), notYet)?.change, 'not promoted')
  assert.equal(follow(ended(undefined, false), facts({ stillFires: false }), promote)?.change, 'recovered')
})

test('an incident that ends when the reference is promoted is no proof: performance has to be back by the old floor', () => {
  assert.equal(follow(promoted(), facts({ stillFires: false }), promote), undefined)
  // By its own reference 0.8 is well.
  const verdict = { monitor: 'performance/roc_auc', kind: 'performance', status: 'ok', value: 0.8 } as Verdict
  const windows = [1, 2, 3].map((hour) => window(hour, 'ok', { verdicts: [verdict] }))
  assert.equal(follow(promoted(), facts({ stillFires: false, windows }), promote)?.change, 'not recovered')
})

test('a version that did not bring performance back is not promoted', () => {
  const windows = [1, 2, 3].map((hour) => window(hour, 'alarm'))
  const worse = follow(ended(), facts({ windows }), notYet)?.request as RetrainingRequest
  assert.equal(worse.outcome?.verification.is, 'not recovered')
  assert.equal(follow(worse, facts(), promote)?.change, 'not promoted')
})

test('performance that is back within its windows is recovered, though later than in the first', () => {
  const step = follow(promoted(), facts({ windows: [window(1, 'alarm'), window(2, 'warning')] }), promote)
  assert.deepEqual([step?.change, step?.request.outcome?.verification.windows], ['recovered', 2])
  assert.equal(isFollowed(step?.request as RetrainingRequest), false)
})

test('windows that cannot be judged, are provisional or of another size do not count', () => {
  const windows = [
    window(1, 'insufficient'),
    window(2, 'ok', { provisional: true }),
    window(3, 'ok', { window: '24h' }),
    window(4, 'alarm'),
    window(5, 'alarm'),
  ]
  assert.equal(follow(promoted(), facts({ windows }), promote), undefined)
  const step = follow(promoted(), facts({ windows: [...windows, window(6, 'alarm')] }), promote)
  assert.deepEqual(
    [step?.change, step?.because],
    ['not recovered', '3 windows were judged since, and none is back within its floor (performance/roc_auc)'],
  )
})

test('what is not seen for thirty days is not waited for any longer', () => {
  const late = facts({ now: NOON + 31 * DAY })
  const unseen = follow(ended({}), late, promote)
  assert.equal(unseen?.change, 'not verified')
  assert.equal(unseen?.request.outcome?.promotion?.is, 'refused')
  assert.equal(isFollowed(unseen?.request as RetrainingRequest), false)
  assert.equal(follow(unseen?.request as RetrainingRequest, late, promote), undefined)
  assert.match(follow(promoted(), late, promote)?.because ?? '', /only 0 of 3 windows could be judged within 30d/)
})

test('a run that no incident asked for is verified by the performance of the model', () => {
  const request = asked({ state: 'succeeded', cause: { is: 'schedule', slot: '2026-11-26' } })
  const scheduled = outcomeOf(request, { output: { version: '2' }, from: NOON, now: NOON, promote: false })
  const step = follow(scheduled, facts({ stillFires: null, windows: [window(1, 'ok')] }), promote)
  assert.equal(step?.change, 'recovered')
})
