import { named } from '../named.ts'
import type { Preset } from './preset.ts'

/** Knows no key: the name of the run is ours, and runs are found by it. */
export const kubeflow: Preset = {
  calls: 'Kubeflow Pipelines',
  settings: {
    pipeline: named('the id of a pipeline'),
    pipelineVersion: named('the id of a version of the pipeline'),
    experiment: named('the id of an experiment'),
  },
  logins: [{ by: 'nothing' }, { by: 'token', header: 'authorization', prefix: 'Bearer ' }],
  blocks: {
    idempotent: false,
    parameters: { leeway: '{{request|json}}' },
    check: { path: '/apis/v2beta1/pipelines/{{settings.pipeline}}/versions/{{settings.pipelineVersion}}' },
    launch: {
      path: '/apis/v2beta1/runs',
      json: {
        display_name: '{{key}}',
        description: '{{reason}}',
        experiment_id: '{{settings.experiment}}',
        pipeline_version_reference: {
          pipeline_id: '{{settings.pipeline}}',
          pipeline_version_id: '{{settings.pipelineVersion}}',
        },
        runtime_config: { parameters: '{{parameters}}' },
      },
      accepted: [200],
      where: { display_name: '{{key}}' },
      because: ['error_message', 'message', 'error'],
      id: 'run_id',
      link: '{{url}}/#/runs/details/{{run.id}}',
    },
    find: {
      path: '/apis/v2beta1/runs',
      query: {
        experiment_id: '{{settings.experiment}}',
        page_size: '10',
        filter: { predicates: [{ key: 'display_name', operation: 'EQUALS', string_value: '{{key}}' }] },
      },
      items: 'runs',
      where: { display_name: '{{key}}' },
      id: 'run_id',
      link: '{{url}}/#/runs/details/{{run.id}}',
    },
    poll: {
      path: '/apis/v2beta1/runs/{{run.id}}',
      state: 'state',
      states: {
        '': 'queued',
        RUNTIME_STATE_UNSPECIFIED: 'queued',
        PENDING: 'queued',
        RUNNING: 'running',
        PAUSED: 'running',
        CANCELING: 'running',
        SUCCEEDED: 'succeeded',
        SKIPPED: 'succeeded',
        FAILED: 'failed',
        CANCELED: 'cancelled',
      },
      detail: 'error.message',
      startedAt: 'created_at',
      endedAt: 'finished_at',
    },
  },
}
