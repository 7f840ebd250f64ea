// A request on a topic of a real broker.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { orchestratorFrom, runRequest } from '../../build/orchestrator.ts'
import { createTopics } from '../../kafka/broker.ts'
import { kafkaAddress, skipWithoutKafka } from '../../kafka/needs-kafka.ts'

const run = promisify(execFile)
const address = kafkaAddress ?? ''
const signal = AbortSignal.timeout(60_000)

test('a request is a CloudEvent whose id is the key of the request', {
  skip: skipWithoutKafka,
  timeout: 60_000,
}, async () => {
  const topic = `retraining-${process.pid}-${Date.now()}`
  await createTopics(address, [{ topic, partitions: 1 }])
  const orchestrator = orchestratorFrom({ target: 'kafka', brokers: [address], topic })
  const request = runRequest()
  assert.equal((await orchestrator.check(signal)).result, 'ready')
  for (const _ of [1, 2]) {
    const launch = await orchestrator.launch(request, signal)
    assert.deepEqual(launch, { result: 'started', run: null, detail: `1 on ${topic}` })
  }
  await orchestrator.close()
  const { stdout } = await run(process.execPath, ['test/kafka/read-topic.ts', address, topic, '2'], { timeout: 30_000 })
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const [{ key, event }] = records
  assert.deepEqual([key, event.type, event.subject], ['credit-risk', 'leeway.retraining.requested', 'credit-risk'])
  assert.equal(event.data.evidence[0].value, 0.8417)
  // Whoever reads tells a repetition by this.
  assert.deepEqual(
    records.map(({ event: { id } }) => id),
    [request.key, request.key],
  )
})

test('a broker that does not answer is unreachable, and a request to it may have arrived', {
  timeout: 60_000,
}, async () => {
  const orchestrator = orchestratorFrom({ target: 'kafka', brokers: ['127.0.0.1:1'], topic: 'any' })
  const check = await orchestrator.check(AbortSignal.timeout(5_000))
  assert.equal(check.result, 'unreachable')
  assert.equal((await orchestrator.launch(runRequest(), AbortSignal.timeout(5_000))).result, 'unknown')
  await orchestrator.close()
})
