// The whole story with a real Airflow: a model degrades, somebody says yes, a DAG runs, and the model shows that it is good.

import { test } from 'node:test'
import { story } from '../build/story.ts'
import { skipWithoutKafka } from '../kafka/needs-kafka.ts'
import { startAirflow } from './airflow-program.ts'
import { until } from './counterpart.ts'

const dags = `
from airflow.sdk import dag, task

@dag(schedule=None, catchup=False, dag_id="retrain_california")
def retrain():
    @task
    def train(**context):
        assert context["dag_run"].conf["evidence"][0]["monitor"] == "performance/roc_auc"
    train()

retrain()
`

test('California is retrained by Airflow', { skip: skipWithoutKafka, timeout: 900_000 }, async (t) => {
  const { url, ask } = await startAirflow(t, dags)
  const dag = 'retrain_california'
  await until('the DAG', () => ask(`/dags/${dag}`, { is_paused: false }))
  const runs = async () => (await ask(`/dags/${dag}/dagRuns?limit=100`))?.['dag_runs']?.length ?? 0
  const trail = await story(t, { url, dag, user: 'leeway', password: 'right-password', runs })
  console.log(trail.join('\n'))
})
