// MLflow, a registry with a password: the champion is tagged, and followed until another version is champion.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../kafka/broker.ts'
import { ended, launched, newRequest, refuses } from './battery.ts'
import { connected, installed, startProgram, until, workFolder } from './counterpart.ts'

const signal = AbortSignal.timeout(300_000)

test('MLflow: the champion is tagged once, and the next champion is the end of the run', {
  timeout: 600_000,
}, async (t) => {
  const bin = installed('mlflow')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const cwd = workFolder(t)
  const password = 'right-password-1234'
  writeFileSync(
    join(cwd, 'auth.ini'),
    `[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///${join(cwd, 'users.db')}\nadmin_username = leeway\nadmin_password = ${password}\nauthorization_function = mlflow.server.auth:authenticate_request_basic_auth\n`,
  )
  const program = startProgram(t, {
    ...{ bin, cwd, command: 'mlflow' },
    args: [
      ...['server', '--app-name', 'basic-auth', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...[
        '--backend-store-uri',
        `sqlite:///${join(cwd, 'mlflow.db')}`,
        '--artifacts-destination',
        join(cwd, 'artifacts'),
      ],
    ],
    env: {
      MLFLOW_AUTH_CONFIG_PATH: join(cwd, 'auth.ini'),
      MLFLOW_FLASK_SERVER_SECRET_KEY: 'of this test',
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true',
    },
  })
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Basic ${btoa(`leeway:${password}`)}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      ...{ method, headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    assert.ok(answer.ok, `${answer.status} ${text}`)
    return JSON.parse(text) as { model_version: { tags?: Array<{ key: string; value: string }> } }
  }
  const name = 'credit-risk'
  const promote = (version: string) => ask('POST', 'registered-models/alias', { name, alias: 'champion', version })
  await until('the server of MLflow', () => ask('POST', 'registered-models/create', { name }), program)
  for (let i = 0; i < 2; i++) await ask('POST', 'model-versions/create', { name, source: 's3://bucket/model' })
  await promote('1')
  const settings = { target: 'mlflow', url, registeredModel: name, user: 'leeway' }
  const secret = { passwordFile: password }
  const tagOf = async (version: string) => {
    const { model_version: found } = await ask('GET', `model-versions/get?name=${name}&version=${version}`)
    return found.tags?.find(({ key }) => key === 'leeway_retrain')?.value
  }

  await t.test('tagged, tagged again, followed until another version is champion', async (t) => {
    const orchestrator = connected(t, settings, secret)
    assert.equal((await orchestrator.check(signal)).result, 'ready')
    const request = newRequest()
    const run = await launched(orchestrator, request)
    assert.deepEqual(await launched(orchestrator, request), run)
    assert.equal(JSON.parse((await tagOf('1')) ?? '{}').id, request.key)
    assert.equal((await orchestrator.poll?.(run, request, signal))?.state, 'running')
    await promote('2')
    const state = await ended(orchestrator, run, request)
    t.diagnostic(`${JSON.stringify(run)}: ${JSON.stringify(state)}`)
    assert.deepEqual(state, { state: 'succeeded', detail: '2', output: { version: '2' } })
    assert.equal(await tagOf('2'), undefined)
  })
  await t.test(
    'a training that says that it failed has failed, and what an earlier one said does not count',
    async (t) => {
      const orchestrator = connected(t, settings, secret)
      const request = newRequest()
      const run = await launched(orchestrator, request)
      const say = (value: string) =>
        ask('POST', 'model-versions/set-tag', { name, version: '2', key: 'leeway_outcome', value })
      await say('failed leeway-credit-risk-earlier-1')
      assert.equal((await orchestrator.poll?.(run, request, signal))?.state, 'running')
      await say(`failed ${request.key}`)
      const state = await ended(orchestrator, run, request)
      t.diagnostic(JSON.stringify(state))
      assert.equal(state.state, 'failed')
    },
  )
  await t.test('an unknown model is refused', (t) =>
    refuses(
      t,
      connected(t, { ...settings, registeredModel: 'other' }, secret),
      /champion: 40[34].*other|alias.*not found/i,
    ),
  )
  await t.test('an alias that no version has is refused', (t) =>
    refuses(t, connected(t, { ...settings, alias: 'nobody' }, secret), /nobody.*not found/i),
  )
  await t.test('a wrong password is refused', (t) =>
    refuses(t, connected(t, settings, { passwordFile: 'wrong-password-1234' }), /401.*check the login/),
  )
})
