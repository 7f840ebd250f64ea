// What becomes of a request in every way in which a receiver can answer, and in every way in which it can fail to.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Launch } from '../../../src/retraining/orchestrator.ts'
import type { LaunchFault } from '../../build/orchestrator.ts'
import { launchFaults, orchestratorFrom, runRequest, standInSettings, startStandIn } from '../../build/orchestrator.ts'
import { receiver } from '../../build/receivers.ts'

const signal = AbortSignal.timeout(60_000)
const quick = { timeout: '200ms' }

/** What is to be said of each fault: nothing was started (retry), or nobody knows. Never that it failed. */
const wanted: Readonly<Record<LaunchFault, Launch['result']>> = {
  'hangs before': 'unknown',
  'hangs after': 'unknown',
  'resets before': 'unknown',
  'resets after': 'unknown',
  'cuts its answer off after': 'unknown',
  '503 before': 'unknown',
  '502 after': 'unknown',
  '500 after': 'unknown',
  '429 before': 'retry',
}

for (const kind of ['A', 'B'] as const)
  for (const fault of launchFaults)
    test(`class ${kind}, ${fault}: the launch is ${wanted[fault]}, and a second request starts no second run`, async (t) => {
      const standIn = await startStandIn({ receiver: kind })
      t.after(standIn.close)
      const orchestrator = orchestratorFrom({ ...standInSettings(standIn.url, kind), ...quick })
      const request = runRequest()
      standIn.failNext(fault)
      const first = await orchestrator.launch(request, signal)
      assert.equal(first.result, wanted[fault], JSON.stringify(first))
      // Whoever asks again, against the rule of class B, still finds the run first.
      const second = await orchestrator.launch(request, signal)
      assert.ok(['started', 'already'].includes(second.result), JSON.stringify(second))
      assert.deepEqual('run' in second && second.run, { id: 'run-1', link: `${standIn.url}/runs/run-1` })
      assert.equal(standIn.effects(request.key), 1)
    })

test('without a connection nothing can have started', async () => {
  const nobody = orchestratorFrom({ ...standInSettings('http://127.0.0.1:1', 'A'), ...quick })
  const { result, ...why } = await nobody.launch(runRequest(), signal)
  assert.equal(result, 'retry')
  assert.match(JSON.stringify(why), /127\.0\.0\.1:1: ECONNREFUSED/)
})

test('an address that is not allowed is told with its cure, and asked again', async () => {
  const elsewhere = orchestratorFrom({ ...standInSettings('http://10.1.2.3', 'A'), ...quick })
  const launch = await elsewhere.launch(runRequest(), signal)
  assert.ok(
    launch.result === 'retry' && /network: \{allow: \[10\.1\.2\.3\]\}/.test(launch.because),
    JSON.stringify(launch),
  )
})

test('a conflict that is not about our run is a refusal', async (t) => {
  const target = await receiver(({ path }, response) =>
    path.startsWith('/runs?')
      ? response.end('{"runs":[]}')
      : response.writeHead(409).end('{"error":"the job is locked"}'),
  )
  t.after(target.close)
  const orchestrator = orchestratorFrom(standInSettings(target.url.replace('/hook', ''), 'A'))
  const launch = await orchestrator.launch(runRequest(), signal)
  assert.deepEqual(launch, { result: 'refused', because: '409 the job is locked; yet it has no run with our key' })
})

test('a run is followed to its end, with what it gave back', async (t) => {
  const standIn = await startStandIn({ receiver: 'A', initial: 'queued' })
  t.after(standIn.close)
  const orchestrator = orchestratorFrom(standInSettings(standIn.url, 'A'))
  const request = runRequest()
  const launch = await orchestrator.launch(request, signal)
  const run = (launch.result === 'started' && launch.run) || assert.fail(JSON.stringify(launch))
  const look = () => orchestrator.poll?.(run, request, signal)
  assert.deepEqual(await look(), { state: 'queued', detail: 'queued' })
  standIn.finish('run-1', 'succeeded', { version: '8' })
  assert.deepEqual(await look(), { state: 'succeeded', detail: 'succeeded', output: { version: '8' } })
  standIn.finish('run-1', 'failed')
  assert.deepEqual(await look(), { state: 'failed', detail: 'failed', output: {} })
})

test('a receiver that cannot be asked how a run stands has not lost it; one that knows no such run has', async (t) => {
  const standIn = await startStandIn({ receiver: 'A' })
  t.after(standIn.close)
  const orchestrator = orchestratorFrom(standInSettings(standIn.url, 'A'))
  const request = runRequest()
  const look = (id: string) => orchestrator.poll?.({ id, link: null }, request, signal)
  await orchestrator.launch(request, signal)
  standIn.answerNextLooks(503, 401, 429)
  for (const status of [503, 401, 429]) {
    const state = await look('run-1')
    assert.ok(state?.state === 'unanswered' && state.because.startsWith(String(status)), JSON.stringify(state))
  }
  assert.equal((await look('run-1'))?.state, 'running')
  assert.equal((await look('run-9'))?.state, 'lost')
})

test('a state that nobody knows is not taken for an end', async (t) => {
  const standIn = await startStandIn({ receiver: 'A' })
  t.after(standIn.close)
  const settings = standInSettings(standIn.url, 'A')
  const orchestrator = orchestratorFrom({ ...settings, poll: { ...settings.poll, states: { done: 'succeeded' } } })
  const request = runRequest()
  await orchestrator.launch(request, signal)
  const state = await orchestrator.poll?.({ id: 'run-1', link: null }, request, signal)
  assert.deepEqual(state, {
    state: 'unanswered',
    because: 'the orchestrator says "running", which is none of the states that leeway knows',
  })
})

test('a run is found by its key; without one there is none; a receiver that fails says nothing of it', async (t) => {
  const standIn = await startStandIn({ receiver: 'B' })
  t.after(standIn.close)
  const orchestrator = orchestratorFrom(standInSettings(standIn.url, 'B'))
  const request = runRequest()
  assert.deepEqual(await orchestrator.find?.(request, signal), { result: 'none' })
  await orchestrator.launch(request, signal)
  assert.deepEqual(await orchestrator.find?.(request, signal), {
    result: 'found',
    run: { id: 'run-1', link: `${standIn.url}/runs/run-1` },
  })
  standIn.answerNextLooks(500)
  assert.equal((await orchestrator.find?.(request, signal))?.result, 'unknown')
})

test('a page of something in between is not taken for an answer', async (t) => {
  const gateway = await receiver((_, response) => response.writeHead(201).end('<html>Sign in</html>'))
  t.after(gateway.close)
  const settings = standInSettings(gateway.url.replace('/hook', ''), 'A')
  const launch = await orchestratorFrom({
    ...settings,
    launch: { ...settings.launch, where: { key: '{{key}}' } },
  }).launch(runRequest(), signal)
  assert.ok(launch.result === 'unknown' && /does not speak as/.test(launch.because), JSON.stringify(launch))
})

test('redirects are not followed', async (t) => {
  const moved = await receiver((_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end())
  t.after(moved.close)
  const launch = await orchestratorFrom(standInSettings(moved.url.replace('/hook', ''), 'A')).launch(
    runRequest(),
    signal,
  )
  assert.deepEqual(launch, {
    result: 'refused',
    because: '307: it redirects, which is not followed; configure the final address',
  })
  assert.equal(moved.received.length, 1)
})

test('whether the job is there is told without starting anything', async (t) => {
  const standIn = await startStandIn({ receiver: 'B' })
  t.after(standIn.close)
  const orchestrator = orchestratorFrom(standInSettings(standIn.url, 'B'))
  assert.equal((await orchestrator.check(signal)).result, 'ready')
  standIn.answerNextLooks(404, 401, 503)
  const [missing, stranger, busy] = [
    await orchestrator.check(signal),
    await orchestrator.check(signal),
    await orchestrator.check(signal),
  ]
  assert.match(JSON.stringify(missing), /refused.*404.*is there such a job/)
  assert.match(JSON.stringify(stranger), /refused.*401.*check the login/)
  assert.match(JSON.stringify(busy), /unreachable.*503/)
  assert.equal(standIn.counts.launches, 0)
})

test('a login is kept until it is refused, and a wrong password is told as that', async (t) => {
  let valid = 'token-1'
  let refusal = 401
  let logins = 0
  const target = await receiver(({ path, headers, body }, response) => {
    if (path === '/auth/token') {
      if (JSON.parse(body).password !== 'right-password')
        return response.writeHead(401).end('{"detail":"Invalid credentials right-password"}')
      logins++
      return response.writeHead(201).end(JSON.stringify({ access_token: valid }))
    }
    if (headers.authorization !== `Bearer ${valid}`) return response.writeHead(refusal).end('{}')
    return response.writeHead(201).end('{"id":"run-1"}')
  })
  t.after(target.close)
  const { find: _, ...settings } = standInSettings(target.url.replace('/hook', ''), 'A')
  process.env['LEEWAY_TEST_RIGHT'] = 'right-password'
  process.env['LEEWAY_TEST_WRONG'] = 'wrong-password'
  const auth = { type: 'login', path: '/auth/token', user: 'leeway' }
  const right = orchestratorFrom({ ...settings, auth: { ...auth, passwordFile: 'env:LEEWAY_TEST_RIGHT' } })
  assert.equal((await right.launch(runRequest(), signal)).result, 'started')
  assert.equal((await right.launch(runRequest(), signal)).result, 'started')
  assert.equal(logins, 1)
  valid = 'token-2'
  assert.equal((await right.launch(runRequest(), signal)).result, 'started')
  assert.equal(logins, 2)
  // As Airflow does with a token of before its keys were replaced.
  refusal = 403
  valid = 'token-3'
  assert.equal((await right.launch(runRequest(), signal)).result, 'started')
  assert.equal(logins, 3)
  const wrong = orchestratorFrom({ ...settings, auth: { ...auth, passwordFile: 'env:LEEWAY_TEST_WRONG' } })
  assert.deepEqual(await wrong.launch(runRequest(), signal), {
    result: 'refused',
    because: 'login: 401 {"detail":"Invalid credentials <redacted>"}; check the user, and what the password file holds',
  })
})

test('requests for AWS are signed as its own example is', async (t) => {
  const target = await receiver((_, response) => response.writeHead(201).end('{"id":"run-1"}'))
  t.after(target.close)
  process.env['LEEWAY_TEST_AWS_ID'] = 'AKIDEXAMPLE'
  process.env['LEEWAY_TEST_AWS_KEY'] = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
  const { find: _, ...settings } = standInSettings(target.url.replace('/hook', ''), 'A')
  const auth = {
    ...{ type: 'aws', region: 'us-east-1', service: 'sagemaker' },
    ...{ accessKeyFile: 'env:LEEWAY_TEST_AWS_ID', secretKeyFile: 'env:LEEWAY_TEST_AWS_KEY' },
  }
  await orchestratorFrom({ ...settings, auth }).launch(runRequest(), signal)
  const [{ headers }] = target.received as unknown as [{ headers: Record<string, string> }]
  assert.match(
    headers['authorization'] ?? '',
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261120\/us-east-1\/sagemaker\/aws4_request, SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}$/,
  )
  assert.equal(headers['x-amz-date'], '20261120T140500Z')
})
