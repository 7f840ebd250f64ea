import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approve, refuse, resolveUnknown, veto } from '../../src/retraining/deciding.ts'
import { claim, interrupted, launched, lookedUp, polled } from '../../src/retraining/following.ts'
import { look } from '../../src/retraining/look.ts'
import type { RetrainingRequest, Step } from '../../src/retraining/request.ts'
import { HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { asked, facts, NOON, person, rule } from './requests.ts'

const idempotent = { isIdempotent: true, pollEveryMs: 5 * SECOND, canPoll: true, now: NOON, random: 1 }
const other = { ...idempotent, isIdempotent: false }
const run = { id: 'run-7', link: 'https://jobs.example.org/run-7' }

const dispatching = () =>
  look(asked(), { rule: rule(), facts: facts({ labels: 70 }), stillFires: true, now: NOON })
    ?.request as RetrainingRequest
const claimed = () => claim(dispatching(), NOON)
const running = () => launched(claimed(), { result: 'started', run, detail: '' }, other).request

test('a claim is open until the answer is known, and counts the calls', () => {
  const { dispatch } = claimed()
  assert.deepEqual([dispatch?.isOpen, dispatch?.attempts, dispatch?.labels], [true, 1, 70])
  const { request } = launched(claimed(), { result: 'retry', because: '503' }, idempotent)
  assert.deepEqual(
    [request.state, request.dispatch?.isOpen, request.dispatch?.dueAt],
    ['dispatching', false, NOON + SECOND],
  )
})

test('an unclear answer is tried again where the key is kept, and is put to a person where it is not', () => {
  const unclear = { result: 'unknown', because: 'timeout' } as const
  assert.equal(launched(claimed(), unclear, idempotent).request.state, 'dispatching')
  assert.equal(launched(claimed(), unclear, other).request.state, 'unknown')
  assert.equal(interrupted(claimed(), idempotent).request.state, 'dispatching')
  assert.equal(interrupted(claimed(), other).request.state, 'unknown')
})

test('a clear no is tried again for 72 hours, a refusal ends it', () => {
  const late = { ...other, now: NOON + 72 * HOUR }
  assert.equal(launched(claimed(), { result: 'retry', because: '503' }, late).request.state, 'failed')
  // A key that was sent for so long may have begun a run.
  assert.equal(
    launched(claimed(), { result: 'unknown', because: 'reset' }, { ...late, isIdempotent: true }).request.state,
    'unknown',
  )
  const refused = launched(claimed(), { result: 'refused', because: '403' }, other)
  assert.deepEqual([refused.request.state, refused.because], ['failed', 'the orchestrator refused it: 403'])
})

test('what an unclear call may have begun is not taken back by a clear answer to a later one', () => {
  const unclear = launched(claimed(), { result: 'unknown', because: 'timeout' }, idempotent).request
  for (const before of [unclear, interrupted(claimed(), idempotent).request]) {
    const refused = launched(claim(before, NOON), { result: 'refused', because: '401' }, idempotent)
    assert.deepEqual(
      [refused.request.state, refused.because],
      [
        'unknown',
        'it is not known whether a run began: an earlier call may have begun one; the orchestrator refused it: 401',
      ],
    )
    const late = { ...idempotent, now: NOON + 72 * HOUR }
    assert.equal(launched(claim(before, NOON), { result: 'retry', because: '503' }, late).request.state, 'unknown')
    const resolution = { found: 'resend', run: null, canPoll: true, by: person(), now: NOON } as const
    const { request } = resolveUnknown(refused.request, resolution) as Step
    // Another key: its first call is the first.
    assert.equal(
      launched(claim(request, NOON), { result: 'refused', because: '401' }, idempotent).request.state,
      'failed',
    )
  }
})

test('an unknown request is looked for by its key, and never sent again by that', () => {
  const { request } = launched(claimed(), { result: 'unknown', because: 'reset' }, other)
  assert.equal(lookedUp(request, { result: 'found', run }, other)?.request.state, 'running')
  for (const found of [{ result: 'none' }, { result: 'unknown', because: '503' }] as const) {
    const step = lookedUp(request, found, other)
    assert.equal(step?.request.state, 'unknown')
    assert.equal(step?.request.dispatch?.dueAt, Number.MAX_SAFE_INTEGER)
  }
})

test('a person says what became of an unknown request; sent again it has another key', () => {
  const { request } = launched(claimed(), { result: 'unknown', because: 'reset' }, other)
  const resolution = { run: null, canPoll: true, by: person(), now: NOON }
  const started = resolveUnknown(request, { ...resolution, found: 'started', run: 'run-8' }) as Step
  assert.deepEqual([started.request.state, started.request.run?.run?.id], ['running', 'run-8'])
  const ended = resolveUnknown(request, { ...resolution, found: 'not-started' }) as Step
  assert.equal(ended.request.state, 'failed')
  const again = resolveUnknown(request, { ...resolution, found: 'resend' }) as Step
  assert.deepEqual([again.request.state, again.request.dispatch?.number], ['dispatching', 2])
  assert.match(
    (resolveUnknown(again.request, { ...resolution, found: 'resend' }) as { refused: string }).refused,
    /nothing is unknown/,
  )
  assert.match(
    (
      resolveUnknown(request, { ...resolution, found: 'resend', by: person({ role: 'operator' }) }) as {
        refused: string
      }
    ).refused,
    /needs the role approver/,
  )
})

test('a person ends the wait for a run that no look finds the end of', () => {
  const resolution = { run: null, canPoll: true, by: person(), now: NOON }
  const resolve = (some: Partial<Parameters<typeof resolveUnknown>[1]>) =>
    resolveUnknown(running(), { ...resolution, found: 'started', ...some })
  const givenUp = resolve({ found: 'not-started' }) as Step
  assert.deepEqual([givenUp.request.state, givenUp.because], ['failed', 'it is given up, says ana'])
  // Its target tells nothing of runs any more.
  assert.equal((resolve({ canPoll: false }) as Step).request.state, 'handed over')
  const named = (resolve({ run: 'run-8' }) as Step).request
  assert.deepEqual([named.state, named.run?.run?.id, named.run?.startedAt], ['running', 'run-8', NOON])
  for (const [some, why] of [
    [{ found: 'resend' }, /say not-started first, then ask for another$/],
    [{}, /it runs, and is looked at/],
    [{ run: 'run-7' }, /it runs, and is looked at/],
    [{ found: 'not-started', by: person({ role: 'operator' }) }, /needs the role approver/],
  ] as const)
    assert.match((resolve(some) as { refused: string }).refused, why)
})

test('the second yes is told who said the first, and a no after it comes too late once a run is under way', () => {
  const yes = approve(asked(), person(), NOON) as Step
  assert.equal(yes.because, 'approved by ana')
  assert.deepEqual(approve(yes.request, person({ name: 'ben' }), NOON), {
    refused: 'approved by ana at 2026-11-26T12:00:00Z already; it is asked',
  })
  const started = { ...yes.request, state: 'running' } as const
  assert.match(
    (refuse(started, '', person({ name: 'ben' }), NOON) as { refused: string }).refused,
    /approved by ana .*running/,
  )
  const no = refuse(asked(), 'not now', person(), NOON) as Step
  assert.deepEqual([no.request.state, no.because], ['refused', 'refused by ana: not now'])
  assert.match(
    (approve(no.request, person({ name: 'ben' }), NOON) as { refused: string }).refused,
    /refused by ana: not now/,
  )
})

test('an operator may veto what begins by itself, and no more', () => {
  const by = person({ name: 'ben', role: 'operator' })
  const automatic = rule({ approval: { is: 'automatic', afterMs: MINUTE } })
  assert.equal((veto(asked(), 'no', { by, rule: automatic, now: NOON }) as Step).request.state, 'refused')
  assert.ok('refused' in veto(asked(), 'no', { by, rule: rule(), now: NOON }))
  assert.ok('refused' in approve(asked(), by, NOON))
})

test('a run is looked at less often the longer it takes, and to its end through failures to ask', () => {
  const soon = polled(running(), { state: 'running', detail: '' }, other) as RetrainingRequest
  assert.equal(soon.run?.pollAt, NOON + 5 * SECOND)
  const later = polled(running(), { state: 'running', detail: '' }, { ...other, now: NOON + HOUR }) as RetrainingRequest
  assert.equal(later.run?.pollAt, NOON + HOUR + 3 * MINUTE)
  const failing = polled(running(), { state: 'unanswered', because: '503' }, other) as RetrainingRequest
  assert.deepEqual([failing.state, failing.run?.failures], ['running', 1])
  const patient = polled(running(), { state: 'unanswered', because: '503', retryAfterMs: 90 * HOUR }, other)
  assert.equal((patient as RetrainingRequest).run?.pollAt, NOON + HOUR)
  const ended = polled(
    failing,
    { state: 'succeeded', detail: '', output: {} },
    { ...other, now: NOON + 23 * MINUTE },
  ) as Step
  assert.deepEqual([ended.request.state, ended.because], ['succeeded', 'the run succeeded after 23 min'])
  const lost = polled(running(), { state: 'lost', because: '404' }, other) as Step
  assert.equal(lost.request.state, 'unknown')
})

test('a receiver that does not say what becomes of a run is not waited for', () => {
  const handed = launched(claimed(), { result: 'started', run: null, detail: '202' }, { ...idempotent, canPoll: false })
  assert.deepEqual(
    [handed.request.state, handed.because],
    ['handed over', 'its receiver took it (202); what becomes of it is not told'],
  )
})
