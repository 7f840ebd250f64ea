// The presets, each against a receiver that behaves as the one it is for.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Run } from '../../../src/retraining/orchestrator.ts'
import { runKey } from '../../../src/retraining/orchestrator.ts'
import { orchestratorFrom, runRequest } from '../../build/orchestrator.ts'
import { receiver } from '../../build/receivers.ts'
import type { Double, DoubleRun } from './doubles.ts'
import { answerOf, doubles } from './doubles.ts'

const signal = AbortSignal.timeout(60_000)
const request = runRequest({ model: 'credit "risk" &\n{{secrets.x}}', reason: 'a "reason"' })

type Fault = 'none' | 'resets after' | '500 after'

async function started(t: TestContext, target: string, double: Double) {
  const runs: DoubleRun[] = []
  const faults: Fault[] = []
  const server = await receiver((received, response) => {
    const before = runs.length
    const { status, body, headers } = answerOf(double, received, runs)
    const fault = runs.length > before ? faults.shift() : undefined
    if (fault === 'resets after') return void response.destroy()
    if (fault === '500 after') return void response.writeHead(500).end('it broke')
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  })
  const folder = mkdtempSync(join(tmpdir(), 'leeway-preset-'))
  t.after(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })
  const connect = (change: Readonly<Record<string, string>> = {}) => {
    const settings = Object.entries({ ...double.settings, ...change }).map(([name, value]) => {
      if (!name.endsWith('File')) return [name, value]
      writeFileSync(join(folder, name), value)
      return [name, join(folder, name)]
    })
    return orchestratorFrom({ target, url: server.url.replace('/hook', ''), ...Object.fromEntries(settings) })
  }
  return { runs, connect, failNext: (fault: Fault) => void faults.push(fault) }
}

for (const [target, double] of doubles) {
  const isHeard = double.started({ number: 1, key: 'k', state: '' }, true).status !== 204
  const name = isHeard ? target : `${target} that does not tell the run`

  test(`${name}: launched, asked for again, followed to success and failure: one run`, async (t) => {
    const { runs, connect } = await started(t, target, double)
    const orchestrator = connect()
    assert.equal(orchestrator.isIdempotent, double.isIdempotent)
    assert.deepEqual(await orchestrator.check(signal), { result: 'ready', detail: 'address, login and job are right' })
    const launch = await orchestrator.launch(request, signal)
    assert.equal(launch.result, 'started', JSON.stringify(launch))
    let run: Run | null = 'run' in launch ? launch.run : null
    assert.equal(run?.id, isHeard ? double.firstId.replace('KEY', request.key) : `key:${request.key}`)
    const found = await orchestrator.find?.(request, signal)
    if (found !== undefined) assert.equal(found.result, 'found', JSON.stringify(found))
    const again = target === 'gitlab' ? undefined : await orchestrator.launch(request, signal)
    const knows = double.isIdempotent ? ['already', 'started'] : ['already']
    assert.ok(again === undefined || knows.includes(again.result), JSON.stringify(again))
    assert.equal(runs.length, 1)
    const look = async () => {
      const state = (await orchestrator.poll?.(run ?? assert.fail('no run'), request, signal)) ?? assert.fail()
      if ('run' in state) run = state.run ?? run
      return state.state
    }
    assert.equal(await look(), 'running')
    for (const end of ['succeeded', 'failed'] as const) {
      Object.assign(runs[0] ?? {}, { state: double.states[end] })
      assert.equal(await look(), end)
    }
  })

  test(`${name}: a reply that is lost is unknown, and the run is found where it can be`, async (t) => {
    for (const fault of ['resets after', '500 after'] as const) {
      const { runs, connect, failNext } = await started(t, target, double)
      failNext(fault)
      const orchestrator = connect()
      const launch = await orchestrator.launch(request, signal)
      assert.equal(launch.result, 'unknown', JSON.stringify(launch))
      const found = await orchestrator.find?.(request, signal)
      assert.equal(found?.result, orchestrator.find === undefined ? undefined : 'found')
      if (double.isIdempotent) {
        const again = await orchestrator.launch(request, signal)
        assert.ok(again.result === 'already' || again.result === 'started', JSON.stringify(again))
      }
      assert.equal(runs.length, 1)
    }
  })

  test(`${name}: an unknown job and a wrong token are refused, by a launch and by a look`, async (t) => {
    const { runs, connect } = await started(t, target, double)
    const token =
      'accessKeyFile' in double.settings
        ? 'accessKeyFile'
        : 'passwordFile' in double.settings
          ? 'passwordFile'
          : 'tokenFile'
    for (const change of [double.otherJob, { [token]: 'wrong-token' }]) {
      const orchestrator = connect(change)
      const [check, launch] = [await orchestrator.check(signal), await orchestrator.launch(request, signal)]
      assert.equal(check.result, 'refused', JSON.stringify(check))
      assert.equal(launch.result, 'refused', JSON.stringify(launch))
      assert.match(JSON.stringify([check, launch]), /404|401|security token|does not exist/)
    }
    assert.equal(runs.length, 0)
  })
}

test('SageMaker that is too busy is asked again, though it says so as if the request were wrong', async (t) => {
  const server = await receiver((_, response) =>
    response.writeHead(400).end('{"__type":"ThrottlingException","message":"Rate exceeded"}'),
  )
  t.after(server.close)
  process.env['LEEWAY_TEST_KEY'] = 'a-key-of-a-user'
  const keys = { accessKeyFile: 'env:LEEWAY_TEST_KEY', secretKeyFile: 'env:LEEWAY_TEST_KEY' }
  const settings = {
    target: 'sagemaker',
    url: server.url.replace('/hook', ''),
    region: 'eu-west-1',
    pipeline: 'p',
    ...keys,
  }
  assert.deepEqual(await orchestratorFrom(settings).launch(request, signal), {
    result: 'retry',
    because: '400 Rate exceeded',
  })
})

test('the token for SageMaker is long enough for the shortest name of a model', async (t) => {
  const [, double] = doubles.find(([target]) => target === 'sagemaker') ?? assert.fail()
  const { runs, connect } = await started(t, 'sagemaker', double)
  const short = runRequest({ model: 'a', key: runKey('a', 'a41c9d3300000001', 1) })
  assert.equal((await connect().launch(short, signal)).result, 'started')
  assert.equal(runs.length, 1)
})

test('a run that GitHub does not show yet is waited for', async (t) => {
  const [, double] = doubles.findLast(([target]) => target === 'github') ?? assert.fail()
  const { connect } = await started(t, 'github', {
    ...double,
    look: (asked, runs) => double.look(asked, runs.slice(1)),
  })
  const orchestrator = connect()
  await orchestrator.launch(request, signal)
  const state = await orchestrator.poll?.({ id: `key:${request.key}`, link: null }, request, signal)
  assert.deepEqual(state, { state: 'unanswered', because: 'GitHub Actions does not show the run yet' })
})

test('a build that left the queue of Jenkins long ago is found by its key', async (t) => {
  const [, double] = doubles.find(([target]) => target === 'jenkins') ?? assert.fail()
  const forgetful: Double = {
    ...double,
    look: (asked, runs) => (asked.path.startsWith('/queue/') ? { status: 404 } : double.look(asked, runs)),
  }
  const { connect } = await started(t, 'jenkins', forgetful)
  const orchestrator = connect()
  await orchestrator.launch(request, signal)
  const state = await orchestrator.poll?.({ id: 'queue:101', link: null }, request, signal)
  assert.deepEqual(state && 'run' in state && state.run, {
    id: '1',
    link: 'https://jenkins.example.org/job/ml/job/retrain/1/',
  })
})
