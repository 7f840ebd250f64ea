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
const about = incident({ kind: 'performance', evidence: [{ ...evidence } as never] })

function window(hour: number, status: Verdict['status'], some: Partial<WindowResult> = {}): WindowResult {
  const verdict = { monitor: 'performance/roc_auc', kind: 'performance', status } as Verdict
  return result({ version: '2', end: NOON + hour * HOUR, verdicts: [verdict], ...some })
}

function ended(output: Record<string, string> = { version: '2' }): RetrainingRequest {
  const request = asked({ state: 'succeeded', cause: { is: 'incident', incident: about } })
  return outcomeOf(request, { output, from: NOON, now: NOON })
}

const facts = (some: Partial<OutcomeFacts> = {}): OutcomeFacts => ({
  rule: rule({ verifyWindows: 3 }),
  newVersions: [],
  windows: [],
  stillFires: true,
  now: NOON + HOUR,
  ...some,
})
const promote = (model: string, version: string) => ({ isPromoted: true, detail: `${model} ${version} it is` })
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
  assert.equal(outcomeOf(request, { output: {}, from: NOON, now: NOON }).outcome?.version, '')
})

test('its reference is promoted once, before anything is verified, unless promote is off', () => {
  const step = follow(ended(), facts({ stillFires: false }), promote)
  assert.deepEqual([step?.change, step?.because], ['promoted', 'm 2 it is'])
  assert.equal(follow(step?.request as RetrainingRequest, facts({ stillFires: false }), promote)?.change, 'recovered')
  const off = facts({ rule: rule({ promote: false }), stillFires: false })
  assert.equal(follow(ended(), off, promote)?.change, 'recovered')
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
    ['not recovered', '3 windows were judged since, and all alarm (performance/roc_auc)'],
  )
})

test('what is not seen for thirty days is not waited for any longer', () => {
  const late = facts({ now: NOON + 31 * DAY })
  assert.equal(follow(ended({}), late, promote)?.change, 'not verified')
  assert.match(follow(promoted(), late, promote)?.because ?? '', /only 0 of 3 windows could be judged within 30d/)
})

test('a run that no incident asked for is verified by the performance of the model', () => {
  const request = asked({ state: 'succeeded', cause: { is: 'schedule', slot: '2026-11-26' } })
  const scheduled = outcomeOf(request, { output: { version: '2' }, from: NOON, now: NOON })
  const step = follow(
    scheduled,
    facts({ rule: rule({ promote: false }), stillFires: null, windows: [window(1, 'ok')] }),
    promote,
  )
  assert.equal(step?.change, 'recovered')
})
