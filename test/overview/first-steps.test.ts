import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { canonicalDecoder } from '../../src/events/decode.ts'
import type { FirstStepFacts } from '../../src/overview/first-steps.ts'
import { firstStep } from '../../src/overview/first-steps.ts'

const facts: FirstStepFacts = {
  ...{
    source: 'production',
    brokers: ['kafka-1:9092', 'kafka-2:9092'],
    topics: ['predictions', 'labels'],
    format: 'canonical',
  },
  ...{
    model: "the bank's model",
    features: { age: 1.5, job: 'cook', '$(date)': 1 },
    prediction: null,
    now: Date.UTC(2026, 10, 26, 8),
  },
}

/** What the shell gives to the program behind the bar. */
const sent = (command: string) =>
  execFileSync('sh', ['-c', command.replace(/\| kafka.*/, '| cat')], { encoding: 'utf8' }).trim()

test('the event that is waited for is one that is read, and the command sends just that, whatever the names are', () => {
  const { reads, event, command } = firstStep(facts)
  assert.equal(reads, 'the topics predictions, labels at kafka-1:9092, kafka-2:9092')
  assert.equal(sent(command), event)
  assert.match(command, /--bootstrap-server kafka-1:9092 --topic predictions$/)
  const read: string[] = []
  canonicalDecoder({ defaultModel: null }).decode(Buffer.from(event), {
    prediction: ({ id, model }) => void read.push(`${id} ${model}`),
    label: () => {},
    rejected: ({ detail }) => void read.push(detail),
    ignored: () => {},
  })
  assert.deepEqual(read, ["first-1 the bank's model"])
})

test('an event of another format has the columns of its mapping', () => {
  const format = { id: 'row', time: 'scored_at', prediction: 'y_hat' }
  assert.deepEqual(JSON.parse(firstStep({ ...facts, format, prediction: 12.5, features: {} }).event), {
    ...{ row: 'first-1', scored_at: '2026-11-26T08:00:00Z', feature: 1.5, y_hat: 12.5 },
  })
})
