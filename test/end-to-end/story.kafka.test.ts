// From a model that degrades to one that is good again, with everybody who takes part; the orchestrator behaves as Airflow 3 does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { airflowServer } from '../build/airflow.ts'
import { story } from '../build/story.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'

test('California degrades, people hear of it, one says yes, a run makes a new model, and it shows that it is good', {
  skip: skipWithoutKafka,
  timeout: 400_000,
}, async (t) => {
  const dag = { dag: 'retrain_california', user: 'leeway', password: 'right-password' }
  const airflow = await airflowServer(dag)
  t.after(() => airflow.close())
  const trail = await story(t, {
    ...dag,
    url: airflow.url,
    async runs() {
      airflow.finish()
      return airflow.runs.length
    },
  })
  console.log(trail.join('\n'))
  const [run] = airflow.runs
  assert.ok(JSON.stringify(run?.conf).includes('performance/roc_auc'), 'the evidence did not go with the request')
  const did = (what: RegExp) => trail.findIndex((line) => what.test(line))
  const chapters = [/audit .* ann approve retraining done/, /audit .* retraining reference promote done/].map(did)
  assert.ok(
    chapters.every((at) => at >= 0) && chapters[0] !== undefined && chapters[0] < (chapters[1] ?? 0),
    `${chapters}`,
  )
})
