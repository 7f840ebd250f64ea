// What every orchestrator must make of a launch, of a second one, of a failing job, of an unknown one and of a wrong password.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Lookable, Run, RunRequest, RunState } from '../../src/retraining/orchestrator.ts'
import { runKey } from '../../src/retraining/orchestrator.ts'
import { runRequest } from '../build/orchestrator.ts'
import { until } from './counterpart.ts'

const signal = AbortSignal.timeout(600_000)
let counted = 0

/** A request that nobody made before. */
export function newRequest(model = 'credit-risk'): RunRequest {
  const id = `${Date.now().toString(36)}${counted++}`
  return runRequest({ key: runKey(model, id, 1), model })
}

/** Asks until it is not told to come again. */
export async function launched(orchestrator: Lookable, request: RunRequest): Promise<Run> {
  return until('a launch', async () => {
    const launch = await orchestrator.launch(request, signal)
    if (launch.result === 'retry' || (launch.result === 'unknown' && orchestrator.isIdempotent)) return undefined
    assert.ok(launch.result === 'started' || launch.result === 'already', JSON.stringify(launch))
    return launch.run ?? assert.fail(`no run in ${JSON.stringify(launch)}`)
  })
}

export async function ended(orchestrator: Lookable, run: Run, request: RunRequest): Promise<RunState> {
  return until(`the end of ${run.id}`, async () => {
    const state = (await orchestrator.poll?.(run, request, signal)) ?? assert.fail('it cannot be followed')
    assert.notEqual(state.state, 'lost', JSON.stringify(state))
    return ['succeeded', 'failed', 'cancelled'].includes(state.state) ? state : undefined
  })
}

/** Launch, follow to success, launch again with the same key: the same run. */
export async function runsOnce(t: TestContext, orchestrator: Lookable, countRuns: (key: string) => Promise<number>) {
  const request = newRequest()
  const run = await launched(orchestrator, request)
  t.diagnostic(`launched: ${JSON.stringify(run)}`)
  const again = await launched(orchestrator, request)
  assert.equal(again.id, run.id)
  const state = await ended(orchestrator, run, request)
  t.diagnostic(`ended: ${JSON.stringify(state)}`)
  assert.equal(state.state, 'succeeded')
  const third = await launched(orchestrator, request)
  assert.equal(third.id, run.id)
  assert.equal(await countRuns(request.key), 1)
  if (orchestrator.find !== undefined) {
    assert.deepEqual(await orchestrator.find(request, signal), { result: 'found', run })
    assert.deepEqual(await orchestrator.find(newRequest(), signal), { result: 'none' })
  }
}

export async function failsWhenItsJobFails(t: TestContext, orchestrator: Lookable) {
  const request = newRequest()
  const state = await ended(orchestrator, await launched(orchestrator, request), request)
  t.diagnostic(`ended: ${JSON.stringify(state)}`)
  assert.equal(state.state, 'failed')
}

/** Neither a launch nor a look goes through, and both say why. */
export async function refuses(t: TestContext, orchestrator: Lookable, because: RegExp) {
  const launch = await orchestrator.launch(newRequest(), signal)
  const check = await orchestrator.check(signal)
  t.diagnostic(`launch: ${JSON.stringify(launch)}`)
  t.diagnostic(`look: ${JSON.stringify(check)}`)
  assert.equal(launch.result, 'refused', JSON.stringify(launch))
  assert.equal(check.result, 'refused', JSON.stringify(check))
  for (const said of [launch, check]) assert.match('because' in said ? said.because : '', because)
}
