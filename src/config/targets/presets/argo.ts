import { named } from '../named.ts'
import type { Preset } from './preset.ts'

const workflows = '/api/v1/workflows/{{settings.namespace}}'
const fields = 'metadata.name,status.phase,status.message,status.startedAt,status.finishedAt'
const run = { id: 'metadata.name', link: '{{url}}/workflows/{{settings.namespace}}/{{run.id}}' }

/** The key is the name of the workflow, of which Kubernetes keeps one. */
export const argo: Preset = {
  calls: 'Argo Workflows',
  settings: { namespace: named('a namespace'), template: named('the name of a workflow template') },
  logins: [{ by: 'token', header: 'authorization', prefix: 'Bearer ' }],
  blocks: {
    idempotent: true,
    parameters: { leeway: '{{request|json}}' },
    check: { path: '/api/v1/workflow-templates/{{settings.namespace}}/{{settings.template}}' },
    launch: {
      path: `${workflows}/submit`,
      json: {
        namespace: '{{settings.namespace}}',
        resourceKind: 'WorkflowTemplate',
        resourceName: '{{settings.template}}',
        submitOptions: {
          name: '{{key}}',
          parameters: '{{parameters|assignments}}',
          labels: 'app.kubernetes.io/created-by=leeway',
        },
      },
      accepted: [200],
      already: [409],
      where: { 'metadata.name': '{{key}}' },
      because: ['message'],
      ...run,
    },
    find: { path: `${workflows}/{{key}}`, query: { fields }, where: { 'metadata.name': '{{key}}' }, ...run },
    poll: {
      path: `${workflows}/{{run.id}}`,
      query: { fields },
      state: 'status.phase',
      states: {
        '': 'queued',
        Pending: 'queued',
        Running: 'running',
        Succeeded: 'succeeded',
        Failed: 'failed',
        Error: 'failed',
      },
      detail: 'status.message',
      startedAt: 'status.startedAt',
      endedAt: 'status.finishedAt',
    },
  },
}
