import { named } from '../named.ts'
import type { Preset } from './preset.ts'

const job = '/job/{{settings.job|steps}}'

/** Knows no key. A request gives an item of the queue, which gives a build; builds are found by the key among their parameters. */
export const jenkins: Preset = {
  calls: 'Jenkins',
  settings: { job: named('a job as its address names it: retrain, or folder/job/retrain') },
  logins: [{ by: 'user token' }],
  blocks: {
    idempotent: false,
    parameters: { leeway_key: '{{key}}', leeway: '{{request|json}}' },
    check: {
      path: `${job}/api/json`,
      query: { tree: 'buildable' },
      where: { buildable: 'true' },
      otherwise: 'the job is disabled: enable it in Jenkins',
    },
    launch: {
      path: `${job}/buildWithParameters`,
      form: '{{parameters|texts}}',
      accepted: [201],
      id: { header: 'location', pattern: '/queue/item/(\\d+)' },
    },
    queue: {
      path: '/queue/item/{{run.id}}/api/json',
      id: 'executable.number',
      link: '{{answer.executable.url}}',
      cancelled: { cancelled: 'true' },
    },
    find: {
      path: `${job}/api/json`,
      query: { tree: 'builds[number,url,actions[parameters[name,value]]]{0,100}' },
      items: 'builds',
      where: { actions: '*"{{key}}"*' },
      id: 'number',
      link: '{{answer.url}}',
    },
    poll: {
      path: `${job}/{{run.id}}/api/json`,
      query: { tree: 'result,building,timestamp,description' },
      state: ['result', 'building'],
      states: {
        true: 'running',
        SUCCESS: 'succeeded',
        UNSTABLE: 'failed',
        FAILURE: 'failed',
        NOT_BUILT: 'failed',
        ABORTED: 'cancelled',
      },
      detail: 'description',
      startedAt: 'timestamp',
    },
  },
}
