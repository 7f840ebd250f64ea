import { named } from '../named.ts'
import type { Preset } from './preset.ts'

const project = '/api/v4/projects/{{settings.project}}'

/** Knows no key, and pipelines cannot be found by a variable: a lost reply is put to a person. */
export const gitlab: Preset = {
  calls: 'GitLab',
  url: 'https://gitlab.com',
  settings: {
    project: named('the id of a project, or its path such as group/name'),
    ref: named('a branch or tag').default('main'),
  },
  logins: [{ by: 'token', header: 'private-token', prefix: '' }],
  blocks: {
    idempotent: false,
    parameters: { LEEWAY_KEY: '{{key}}', LEEWAY: '{{request|json}}' },
    check: { path: project },
    launch: {
      path: `${project}/pipeline`,
      json: { ref: '{{settings.ref}}', variables: '{{parameters|pairs}}' },
      accepted: [201],
      because: ['message', 'error'],
      id: 'id',
      link: '{{answer.web_url}}',
    },
    poll: {
      path: `${project}/pipelines/{{run.id}}`,
      state: 'status',
      states: {
        created: 'queued',
        waiting_for_resource: 'queued',
        waiting_for_callback: 'queued',
        preparing: 'queued',
        pending: 'queued',
        scheduled: 'queued',
        manual: 'queued',
        running: 'running',
        canceling: 'running',
        success: 'succeeded',
        failed: 'failed',
        canceled: 'cancelled',
        skipped: 'cancelled',
      },
      startedAt: 'started_at',
      endedAt: 'finished_at',
    },
  },
}
