// Prefect 3, a server of its own with a password, and a flow that is served.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../kafka/broker.ts'
import { failsWhenItsJobFails, refuses, runsOnce } from './battery.ts'
import { connected, installed, startProgram, until, workFolder } from './counterpart.ts'

const flows = `
from prefect import flow, serve

@flow
def retrain(leeway: dict):
    assert leeway["evidence"][0]["value"] == 0.8417

@flow
def broken(leeway: dict):
    raise ValueError("the data is gone")

if __name__ == "__main__":
    serve(retrain.to_deployment("prod"), broken.to_deployment("prod"))
`

test('Prefect: deployments are run and followed', { timeout: 600_000 }, async (t) => {
  const bin = installed('prefect')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/api`
  const cwd = workFolder(t)
  const login = 'leeway:right-password'
  const env = {
    PREFECT_HOME: cwd,
    PREFECT_API_URL: url,
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    PREFECT_SERVER_API_AUTH_STRING: login,
    PREFECT_API_AUTH_STRING: login,
  }
  writeFileSync(join(cwd, 'flows.py'), flows)
  const program = startProgram(t, {
    bin,
    cwd,
    env,
    command: 'prefect',
    args: ['server', 'start', '--host', '127.0.0.1', '--port', String(port)],
  })
  const ask = async (path: string, body?: object) => {
    const headers = { authorization: `Basic ${btoa(login)}`, 'content-type': 'application/json' }
    const answer = await fetch(
      `${url}${path}`,
      body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) },
    )
    return answer.ok ? await answer.json() : undefined
  }
  await until('the server of Prefect', () => ask('/health'), program)
  startProgram(t, { bin, cwd, env, command: 'python', args: ['flows.py'] })
  await until('the deployments', () => ask('/deployments/name/broken/prod'))
  const settings = { target: 'prefect', url, flow: 'retrain', deployment: 'prod', user: 'leeway' }
  const password = { passwordFile: 'right-password' }

  await t.test('launched, asked for again, followed to success: one run', async (t) => {
    const orchestrator = connected(t, settings, password)
    const check = await orchestrator.check(AbortSignal.timeout(30_000))
    assert.equal(check.result, 'ready', JSON.stringify(check))
    await runsOnce(t, orchestrator, async (key) => {
      const runs = await until('the runs', () =>
        ask('/flow_runs/filter', { flow_runs: { idempotency_key: { any_: [key] } } }),
      )
      return (runs as unknown[]).length
    })
  })
  await t.test('a flow that fails has failed', (t) =>
    failsWhenItsJobFails(t, connected(t, { ...settings, flow: 'broken' }, password)),
  )
  await t.test('an unknown deployment is refused', (t) =>
    refuses(t, connected(t, { ...settings, deployment: 'other' }, password), /404.*is there such a job/),
  )
  await t.test('a wrong password is refused', (t) =>
    refuses(t, connected(t, settings, { passwordFile: 'wrong-password' }), /401.*check the login/),
  )
})
