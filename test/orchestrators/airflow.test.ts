// Airflow 3 as it stands alone: its own database, one worker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startAirflow } from './airflow-program.ts'
import { failsWhenItsJobFails, refuses, runsOnce } from './battery.ts'
import { connected, until } from './counterpart.ts'

const dags = `
from airflow.sdk import dag, task

@dag(schedule=None, catchup=False, dag_id="retrain")
def retrain():
    @task
    def train(**context):
        assert context["dag_run"].conf["evidence"][0]["value"] == 0.8417
    train()

@dag(schedule=None, catchup=False, dag_id="broken")
def broken():
    @task
    def train():
        raise ValueError("the data is gone")
    train()

@dag(schedule=None, catchup=False, dag_id="paused")
def paused():
    @task
    def train():
        pass
    train()

retrain()
broken()
paused()
`

test('Airflow: a DAG runs once for a key, and is followed', { timeout: 900_000 }, async (t) => {
  const { url, ask } = await startAirflow(t, dags)
  for (const dag of ['retrain', 'broken'])
    await until(`the DAG ${dag}`, () => ask(`/dags/${dag}`, { is_paused: false }))
  await until('the DAG paused', () => ask('/dags/paused'))
  const settings = { target: 'airflow', url, dag: 'retrain', user: 'leeway' }
  const password = { passwordFile: 'right-password' }

  await t.test('launched, asked for again, followed to success: one run', async (t) => {
    const orchestrator = connected(t, settings, password)
    assert.equal((await orchestrator.check(AbortSignal.timeout(30_000))).result, 'ready')
    await runsOnce(t, orchestrator, async (key) => {
      const runs = await until('the runs', () => ask('/dags/retrain/dagRuns?limit=100'))
      return runs['dag_runs']?.filter((run) => (run as { dag_run_id: string }).dag_run_id === key).length ?? 0
    })
  })
  await t.test('a DAG that fails has failed', (t) =>
    failsWhenItsJobFails(t, connected(t, { ...settings, dag: 'broken' }, password)),
  )
  await t.test('an unknown DAG is refused', (t) =>
    refuses(t, connected(t, { ...settings, dag: 'other' }, password), /404.*other.*is there such a job/),
  )
  await t.test('a wrong password is refused', (t) =>
    refuses(t, connected(t, settings, { passwordFile: 'wrong-password' }), /login: 401.*check the user/),
  )
  await t.test('a token that is none is refused', (t) => {
    const { user: _, ...others } = settings
    return refuses(t, connected(t, others, { tokenFile: 'no-token-at-all' }), /40[13].*check/)
  })
  await t.test('a DAG that is paused is told before anything waits for ever', async (t) => {
    const check = await connected(t, { ...settings, dag: 'paused' }, password).check(AbortSignal.timeout(30_000))
    assert.match(JSON.stringify(check), /refused.*unpause it in Airflow/)
  })
})
