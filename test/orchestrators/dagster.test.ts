// Dagster, with a job that reads its evidence from a tag of its run.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../kafka/broker.ts'
import { failsWhenItsJobFails, newRequest, refuses, runsOnce } from './battery.ts'
import { connected, installed, startProgram, until, workFolder } from './counterpart.ts'

const jobs = `
import json
from dagster import Config, Definitions, OpExecutionContext, job, op

class Training(Config):
    model: str

@op
def train(context: OpExecutionContext, config: Training):
    request = json.loads(context.run.tags["leeway/request"])
    assert request["evidence"][0]["value"] == 0.8417 and config.model == request["model"]

@op
def fail():
    raise ValueError("the data is gone")

@job
def retrain():
    train()

@job
def broken():
    fail()

defs = Definitions(jobs=[retrain, broken])
`

test('Dagster: jobs are run once for a key, and followed', { timeout: 600_000 }, async (t) => {
  const bin = installed('dagster')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const cwd = workFolder(t)
  writeFileSync(join(cwd, 'jobs.py'), jobs)
  const env = { DAGSTER_HOME: cwd, DAGSTER_DISABLE_TELEMETRY: '1' }
  const program = startProgram(t, {
    bin,
    cwd,
    env,
    command: 'dagster',
    args: ['dev', '-f', 'jobs.py', '-h', '127.0.0.1', '-p', String(port)],
  })
  const ask = async (query: string, variables: object = {}) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    })
    return (await answer.json()) as { data: Record<string, Record<string, unknown[]>> }
  }
  const settings = {
    ...{ target: 'dagster', url, job: 'retrain', location: 'jobs.py' },
    parameters: { ops: { train: { config: { model: '{{model}}' } } } },
  }
  await until(
    'the job',
    async () => {
      const check = await connected(t, settings).check(AbortSignal.timeout(30_000))
      return check.result === 'ready' || undefined
    },
    program,
  )

  await t.test('launched, asked for again, followed to success: one run', (t) =>
    runsOnce(t, connected(t, settings), async (key) => {
      const query =
        'query($tags: [ExecutionTag!]) { runs: runsOrError(filter: {tags: $tags}) { ... on Runs { results { runId } } } }'
      const { data } = await ask(query, { tags: [{ key: 'leeway/key', value: key }] })
      return data['runs']?.['results']?.length ?? 0
    }),
  )
  await t.test('a job that fails has failed', (t) =>
    failsWhenItsJobFails(t, connected(t, { ...settings, job: 'broken', parameters: {} })),
  )
  await t.test('an unknown job is refused', (t) =>
    refuses(t, connected(t, { ...settings, job: 'other' }), /other|no such job/),
  )
  await t.test('a configuration that the job does not have is refused', async (t) => {
    const orchestrator = connected(t, { ...settings, parameters: { ops: { train: { config: { bogus: 1 } } } } })
    const launch = await orchestrator.launch(newRequest(), AbortSignal.timeout(60_000))
    t.diagnostic(JSON.stringify(launch))
    assert.equal(launch.result, 'refused')
    assert.match('because' in launch ? launch.because : '', /bogus|config/)
  })
})
