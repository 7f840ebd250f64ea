import { named } from '../named.ts'
import type { Preset } from './preset.ts'

/** What Airflow 3 and 2 have in common: the key is the id of the DAG run, so that a second request is a conflict. */
function airflowBlocks(api: string, link: string): Preset['blocks'] {
  const dag = `${api}/dags/{{settings.dag}}`
  const run = { id: 'dag_run_id', link }
  return {
    idempotent: true,
    parameters: '{{request}}',
    check: {
      path: dag,
      where: { is_paused: 'false' },
      otherwise: 'the DAG is paused, so that its runs would wait for ever: unpause it in Airflow',
    },
    launch: {
      path: `${dag}/dagRuns`,
      // Airflow 3.0 refuses a request without a logical date, later versions one that has another than null twice.
      json: { dag_run_id: '{{key}}', logical_date: null, conf: '{{parameters}}', note: '{{reason}}' },
      accepted: [200, 201],
      already: [409],
      where: { dag_run_id: '{{key}}' },
      because: ['detail', 'title'],
      ...run,
    },
    find: { path: `${dag}/dagRuns/{{key}}`, where: { dag_run_id: '{{key}}' }, ...run },
    poll: {
      path: `${dag}/dagRuns/{{run.id}}`,
      state: 'state',
      states: { queued: 'queued', running: 'running', success: 'succeeded', failed: 'failed' },
      startedAt: 'start_date',
      endedAt: 'end_date',
    },
  }
}

const settings = { dag: named('the id of a DAG') }

export const airflow: Preset = {
  calls: 'Airflow',
  settings,
  logins: [
    { by: 'login', path: '/auth/token', token: 'access_token' },
    { by: 'token', header: 'authorization', prefix: 'Bearer ' },
  ],
  blocks: airflowBlocks('/api/v2', '{{url}}/dags/{{settings.dag}}/runs/{{run.id}}'),
}

const { launch, ...others } = airflowBlocks('/api/v1', '{{url}}/dags/{{settings.dag}}/grid?dag_run_id={{run.id}}')

export const airflow2: Preset = {
  calls: 'Airflow 2',
  settings,
  logins: [{ by: 'basic' }],
  blocks: {
    ...others,
    // The logical date is set by Airflow 2 itself; null is none.
    launch: { ...launch, json: { dag_run_id: '{{key}}', conf: '{{parameters}}', note: '{{reason}}' } },
  },
}
