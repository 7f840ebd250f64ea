import { named } from '../named.ts'
import type { Preset } from './preset.ts'

const run = { id: 'id' }

/** Keeps the idempotency key of each flow run: a second request is answered with the first run. */
export const prefect: Preset = {
  calls: 'Prefect',
  settings: { flow: named('the name of a flow'), deployment: named('the name of a deployment') },
  logins: [{ by: 'nothing' }, { by: 'basic' }, { by: 'token', header: 'authorization', prefix: 'Bearer ' }],
  blocks: {
    idempotent: true,
    parameters: { leeway: '{{request}}' },
    before: {
      deployment: { path: '/deployments/name/{{settings.flow}}/{{settings.deployment}}', value: 'id' },
    },
    launch: {
      path: '/deployments/{{before.deployment}}/create_flow_run',
      json: {
        name: '{{key}}',
        idempotency_key: '{{key}}',
        parameters: '{{parameters}}',
        tags: ['leeway', '{{model}}'],
      },
      accepted: [201],
      already: [200],
      where: { idempotency_key: '{{key}}' },
      because: ['detail', 'exception_message'],
      ...run,
    },
    find: {
      method: 'POST',
      path: '/flow_runs/filter',
      json: { flow_runs: { idempotency_key: { any_: ['{{key}}'] } }, limit: 1 },
      items: '',
      where: { idempotency_key: '{{key}}' },
      ...run,
    },
    poll: {
      path: '/flow_runs/{{run.id}}',
      every: '15s',
      state: 'state.type',
      states: {
        SCHEDULED: 'queued',
        PENDING: 'queued',
        RUNNING: 'running',
        PAUSED: 'running',
        CANCELLING: 'running',
        COMPLETED: 'succeeded',
        FAILED: 'failed',
        CRASHED: 'failed',
        CANCELLED: 'cancelled',
      },
      detail: 'state.message',
      startedAt: 'start_time',
      endedAt: 'end_time',
    },
  },
}
