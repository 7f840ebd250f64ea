// Airflow 3 by itself, with DAGs of a test: the user leeway, whose password is right-password.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { freePort } from '../kafka/broker.ts'
import { answers, installed, startProgram, workFolder } from './counterpart.ts'

/** @param dags the text of a Python file */
export async function startAirflow(t: TestContext, dags: string) {
  const bin = installed('airflow')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const cwd = workFolder(t)
  mkdirSync(join(cwd, 'dags'))
  writeFileSync(join(cwd, 'dags', 'retrain.py'), dags)
  writeFileSync(join(cwd, 'passwords.json'), JSON.stringify({ leeway: 'right-password' }))
  const env = {
    AIRFLOW_HOME: cwd,
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__CORE__PARALLELISM: '2',
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: 'leeway:op',
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: join(cwd, 'passwords.json'),
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${url}/execution/`,
    AIRFLOW__API__PORT: String(port),
    AIRFLOW__API__HOST: '127.0.0.1',
    AIRFLOW__API__WORKERS: '1',
    AIRFLOW__API__BASE_URL: url,
    AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES: '1',
    AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL: '5',
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: 'False',
  }
  const program = startProgram(t, { bin, cwd, env, command: 'airflow', args: ['standalone'] })
  await answers(`${url}/api/v2/monitor/health`, program)
  const headers = { 'content-type': 'application/json' }
  const login = await fetch(`${url}/auth/token`, {
    ...{ method: 'POST', headers },
    body: JSON.stringify({ username: 'leeway', password: 'right-password' }),
  })
  const { access_token: token } = (await login.json()) as { access_token: string }
  const ask = async (path: string, change?: object) => {
    const options = change === undefined ? {} : { method: 'PATCH', body: JSON.stringify(change) }
    const answer = await fetch(`${url}/api/v2${path}`, {
      headers: { ...headers, authorization: `Bearer ${token}` },
      ...options,
    })
    return answer.ok ? ((await answer.json()) as Record<string, unknown[]>) : undefined
  }
  return { url, ask }
}
