import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts } from '../../src/retraining/gates.ts'
import { passGates } from '../../src/retraining/gates.ts'
import { look } from '../../src/retraining/look.ts'
import type { RetrainingRequest } from '../../src/retraining/request.ts'
import type { RetrainingRule } from '../../src/retraining/rule.ts'
import { weekdays } from '../../src/retraining/rule.ts'
import { DAY, HOUR, MINUTE } from '../../src/time.ts'
import { asked, facts, NOON, rule } from './requests.ts'

const closed: ReadonlyArray<
  readonly [gate: string, rule: Partial<RetrainingRule>, facts: Partial<Facts>, says: RegExp]
> = [
  ['automation', {}, { stopped: { by: 'ben', because: 'a release', at: 0 } }, /stopped by ben: a release/],
  ['data quality', {}, { badData: { id: 'q1', features: ['age'] } }, /data quality incident q1 \(age\) fires/],
  ['new labels', { newLabelsMin: 500 }, { labels: 700, labelsAtLastRun: 300 }, /400 labels .* 500 are needed/],
  ['cooldown', { cooldownMs: DAY }, { lastRunAt: NOON - HOUR }, /2026-11-26T11:00:00Z, 1d are kept/],
  ['daily cap', { perDayMax: 2 }, { recentRuns: [NOON - HOUR, NOON - 2 * HOUR, NOON - DAY] }, /2 of at most 2 runs/],
  ['quiet hours', { quietHours: { from: 660, to: 780, days: weekdays, timeZone: 'UTC' } }, {}, /11:00 to 13:00 UTC/],
  ['approval', { approval: { is: 'required' } }, {}, /somebody with the role approver/],
  ['dry run', { dryRun: true }, {}, /dryRun is set/],
  ['in flight', {}, { inFlight: 'other' }, /request other/],
]

test('the gates are looked at in their order, each says why, and the first that does not open is the last one asked', () => {
  const everything = {
    rule: rule(Object.assign({}, ...closed.map(([, one]) => one))),
    facts: facts(Object.assign({}, ...closed.map(([, , one]) => one))),
  }
  for (const [i, [gate, , , says]] of closed.entries()) {
    // The gates before it are opened.
    const open = (part: 1 | 2) => Object.assign({}, ...closed.slice(i).map((one) => one[part]))
    const verdicts = passGates(asked(), rule(open(1)), facts({ ...open(2) }), NOON)
    assert.deepEqual([verdicts.length, verdicts.at(-1)?.gate, verdicts.at(-1)?.passes], [i + 1, gate, false])
    assert.match(verdicts.at(-1)?.because ?? '', says)
  }
  assert.equal(passGates(asked(), everything.rule, everything.facts, NOON).length, 1)
  assert.ok(passGates(asked(), rule(), facts(), NOON).every(({ passes }) => passes))
})

test('a gate that can open later holds the request, tells once, and lets it go on when it opens', () => {
  const wanted = { rule: rule({ cooldownMs: 2 * HOUR }), facts: facts({ lastRunAt: NOON - HOUR }), stillFires: true }
  const held = look(asked(), { ...wanted, now: NOON })
  assert.deepEqual([held?.change, held?.request.gates.at(-1)?.until], ['gated', NOON + HOUR])
  assert.equal(look(held?.request as RetrainingRequest, { ...wanted, now: NOON + MINUTE }), undefined)
  assert.equal(look(held?.request as RetrainingRequest, { ...wanted, now: NOON + HOUR })?.change, 'dispatching')
})

test('quiet hours over midnight in a time zone end when its clocks say so, also when these are set', () => {
  const quietHours = { from: 22 * 60, to: 7 * 60, days: weekdays, timeZone: 'Europe/Berlin' }
  const until = (at: string) => passGates(asked(), rule({ quietHours }), facts(), Date.parse(at)).at(-1)?.until ?? null
  const berlin = (text: string | null) => (text === null ? null : Date.parse(text))
  assert.equal(until('2026-11-26T20:59:00Z'), null)
  assert.equal(until('2026-11-26T21:00:00Z'), berlin('2026-11-27T06:00:00Z'))
  assert.equal(until('2026-11-27T05:59:30Z'), berlin('2026-11-27T06:00:00Z'))
  assert.equal(until('2026-11-27T06:00:00Z'), null)
  // Summer time begins on 2026-03-29: looked at again after that, it is right.
  assert.equal(until('2026-03-29T04:30:00Z'), berlin('2026-03-29T05:00:00Z'))
  const weekend = { ...quietHours, from: 0, to: 0, days: ['saturday', 'sunday'] as const, timeZone: 'UTC' }
  const saturday = passGates(asked(), rule({ quietHours: weekend }), facts(), Date.UTC(2026, 10, 28, 9)).at(-1)
  assert.equal(saturday?.until, Date.UTC(2026, 10, 29))
  assert.ok(passGates(asked(), rule({ quietHours: weekend }), facts(), NOON).every(({ passes }) => passes))
})

test('a day of the cap is a day of its time zone', () => {
  // In Auckland it is the 27th.
  const recentRuns = [Date.UTC(2026, 10, 26, 10)]
  const verdict = (timeZone: string) =>
    passGates(asked(), rule({ perDayMax: 1, timeZone }), facts({ recentRuns }), NOON).at(-1)
  assert.deepEqual([verdict('UTC')?.gate, verdict('UTC')?.until], ['daily cap', Date.UTC(2026, 10, 27)])
  assert.equal(verdict('Pacific/Auckland')?.passes, true)
})

test('automatic approval waits for its delay, counted from when people were asked, and only then begins', () => {
  const wanted = {
    rule: rule({ approval: { is: 'automatic', afterMs: 30 * MINUTE } }),
    facts: facts(),
    stillFires: true,
  }
  const waits = look(asked(), { ...wanted, now: NOON + HOUR })?.request as RetrainingRequest
  assert.deepEqual([waits.state, waits.approvalAskedAt], ['awaiting approval', NOON + HOUR])
  assert.equal(look(waits, { ...wanted, now: NOON + HOUR + 29 * MINUTE }), undefined)
  const approved = look(waits, { ...wanted, now: NOON + HOUR + 30 * MINUTE })
  assert.deepEqual([approved?.change, approved?.request.approval?.via], ['approved', 'delay'])
  const next = look(approved?.request as RetrainingRequest, { ...wanted, now: NOON + HOUR + 30 * MINUTE })
  assert.equal(next?.request.state, 'dispatching')
})

test('what was approved waits again when another gate has closed meanwhile', () => {
  const wanted = { rule: rule({ approval: { is: 'required' } }), stillFires: true, now: NOON }
  const approved = asked({ state: 'awaiting approval', approval: { by: 'ana', via: 'api', at: NOON } })
  const step = look(approved, { ...wanted, facts: facts({ inFlight: 'other' }) })
  assert.deepEqual(
    [step?.change, step?.because],
    ['gated', 'the run of request other is under way or unclear; one at a time'],
  )
})

test('a request that nothing lets through expires with the last reason, and one whose incident is over is withdrawn', () => {
  const held = { rule: rule({ newLabelsMin: 10 }), facts: facts(), stillFires: true }
  const gated = look(asked(), { ...held, now: NOON })?.request as RetrainingRequest
  const expired = look(gated, { ...held, now: NOON + 7 * DAY })
  assert.deepEqual(
    [expired?.change, expired?.because],
    ['expired', 'no run could begin within 7d; last: 0 labels have come since the last run began, 10 are needed'],
  )
  assert.equal(look(gated, { ...held, stillFires: false, now: NOON + HOUR })?.change, 'withdrawn')
})

test('stopped automation holds what asks by itself, not what a person asks for', () => {
  const stopped = { by: 'ben', because: '', at: 0 }
  const wanted = { rule: rule(), facts: facts({ stopped }), stillFires: true, now: NOON }
  assert.equal(look(asked(), wanted)?.request.state, 'gated')
  const byHand = asked({ cause: { is: 'hand', by: 'ana', because: 'new data', incident: null } })
  assert.equal(look(byHand, wanted)?.request.state, 'dispatching')
})
