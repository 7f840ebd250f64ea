import { named } from '../named.ts'
import type { Preset } from './preset.ts'

const api = '/api/2.0/mlflow'
const champion = {
  path: `${api}/registered-models/alias`,
  query: { name: '{{settings.registeredModel}}', alias: '{{settings.alias}}' },
}

/**
 * A registry, which runs nothing: the champion is tagged, whoever trains reacts to the tag, and the run has succeeded when another
 * version is champion. It has failed when the tag `leeway_outcome` of the version says so. Tagging twice is tagging once.
 */
export const mlflow: Preset = {
  calls: 'MLflow',
  settings: {
    registeredModel: named('the name of a registered model'),
    alias: named('an alias').default('champion'),
  },
  logins: [{ by: 'nothing' }, { by: 'basic' }, { by: 'token', header: 'authorization', prefix: 'Bearer ' }],
  blocks: {
    idempotent: true,
    before: { champion: { ...champion, value: 'model_version.version' } },
    launch: {
      path: `${api}/model-versions/set-tag`,
      json: {
        name: '{{settings.registeredModel}}',
        version: '{{before.champion}}',
        key: 'leeway_retrain',
        value: '{{request|json}}',
      },
      accepted: [200],
      because: ['message', 'error_code'],
      id: { text: '{{before.champion}}' },
      link: '{{url}}/#/models/{{settings.registeredModel}}/versions/{{run.id}}',
    },
    poll: {
      ...champion,
      every: '1m',
      state: ['model_version.tags.key=leeway_outcome.value', 'model_version.version'],
      states: { 'failed {{key}}': 'failed', '{{run.id}}': 'running' },
      otherwise: 'succeeded',
      output: { version: 'model_version.version' },
    },
  },
}
