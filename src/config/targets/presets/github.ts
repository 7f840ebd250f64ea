import { named } from '../named.ts'
import type { Preset } from './preset.ts'

const actions = '/repos/{{settings.repository|steps}}/actions'
const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }

/** Knows no key: the workflow puts ours into the title of its run (`run-name`), and runs are found by it. */
export const github: Preset = {
  calls: 'GitHub Actions',
  url: 'https://api.github.com',
  settings: {
    repository: named('a repository such as owner/name').regex(/^[\w.-]+\/[\w.-]+$/, 'a repository such as owner/name'),
    workflow: named('the file of a workflow, such as retrain.yml'),
    ref: named('a branch or tag').default('main'),
  },
  logins: [{ by: 'token', header: 'authorization', prefix: 'Bearer ' }],
  blocks: {
    idempotent: false,
    parameters: { leeway_key: '{{key}}', leeway: '{{request|json}}' },
    check: {
      path: `${actions}/workflows/{{settings.workflow}}`,
      headers,
      where: { state: 'active' },
      otherwise: 'the workflow is disabled: enable it in GitHub',
    },
    launch: {
      path: `${actions}/workflows/{{settings.workflow}}/dispatches`,
      headers,
      json: { ref: '{{settings.ref}}', inputs: '{{parameters|texts}}', return_run_details: true },
      accepted: [200, 204],
      because: ['message'],
      // A limit of requests comes as 403, too.
      later: { message: ['*rate limit*'] },
      id: 'workflow_run_id',
      link: '{{answer.html_url}}',
    },
    find: {
      path: `${actions}/workflows/{{settings.workflow}}/runs`,
      query: { event: 'workflow_dispatch', per_page: '100' },
      headers,
      items: 'workflow_runs',
      where: { display_title: '*{{key}}*' },
      id: 'id',
      link: '{{answer.html_url}}',
    },
    poll: {
      path: `${actions}/runs/{{run.id}}`,
      headers,
      state: ['conclusion', 'status'],
      states: {
        requested: 'queued',
        queued: 'queued',
        pending: 'queued',
        waiting: 'queued',
        in_progress: 'running',
        success: 'succeeded',
        neutral: 'succeeded',
        failure: 'failed',
        timed_out: 'failed',
        startup_failure: 'failed',
        action_required: 'failed',
        stale: 'failed',
        cancelled: 'cancelled',
        skipped: 'cancelled',
      },
      startedAt: 'run_started_at',
      endedAt: 'updated_at',
    },
  },
}
