// The same file through Kafka: published by `leeway produce`, read by `leeway serve`, and the windows are those of `leeway replay`.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { getJson, kill, serve, until } from '../build/serve.ts'
import { bin, dump } from '../build/state.ts'
import { createTopics } from '../kafka/broker.ts'
import { kafkaAddress, skipWithoutKafka } from '../kafka/needs-kafka.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

interface Window {
  window: string
  end: string
  samples: number
  labelled: number
  provisional: boolean
  revision: number
  verdicts: Array<{ monitor: string; value: number | null; status: string; pValue?: number | null }>
}

/** The document with its model on Kafka, its paths made absolute. */
function onKafka(config: string, topics: string[]): { text: string; model: string } {
  const text = readFileSync(join(root, config), 'utf8')
  const folder = join(root, config, '..')
  const model = /^models:\n {2}([\w-]+):/m.exec(text)?.[1] as string
  const mapping =
    /events: (\{.*\})/.exec(text)?.[1] ??
    '{id: id, time: time, score: score, prediction: prediction, label: label, labelTime: label_time}'
  return {
    model,
    text: text
      .replace(/path: (\S+)/, (_, path) => `path: ${join(folder, path)}`)
      .replace(/\{file: ([^,}]+)\}/, (_, path) => `{file: ${join(folder, path)}, events: ${mapping}}`)
      .replace('    source: history', '    source: production')
      .replace(
        /^sources:\n/m,
        `sources:\n  production: {type: kafka, brokers: ["${kafkaAddress}"], topics: [${topics.join(', ')}], events: canonical, idleTimeout: 1s}\n`,
      ),
  }
}

async function replayed(config: string, ...args: string[]): Promise<Window[]> {
  const { stdout } = await run(process.execPath, [bin, 'replay', '-c', config, '--json', ...args], {
    maxBuffer: 1 << 30,
  })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'window')
}

/**
 * Concept drift adds up panes as they stand when their labels are complete enough (ADR 7), and an estimate is made with what labels
 * have taught by then (ADR 10): both depend on which of predictions and labels are read first.
 */
const dependsOnArrival = (monitor: string) => monitor === 'concept-drift/error' || monitor.startsWith('estimated/')

/** What a window says, without how often it was said. */
const said = ({ window, end, samples, labelled, provisional, verdicts }: Window) => ({
  window,
  end,
  samples,
  labelled,
  provisional,
  verdicts: verdicts
    .filter(({ monitor }) => !dependsOnArrival(monitor))
    .map(({ monitor, value, status, pValue }) => ({ monitor, value, status, pValue: pValue ?? null })),
})

for (const config of [
  'examples/california/leeway.yaml',
  'test/data/wine.yaml',
  'test/data/adult.yaml',
  'test/data/sea.yaml',
]) {
  test(`${config}: Kafka and a restart give the windows of a replay`, {
    skip: skipWithoutKafka,
    timeout: 240_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leeway-kafka-replay-'))
    const topics = ['predictions', 'labels'].map((name) => `${name}-${process.pid}-${Date.now()}`)
    const { text } = onKafka(config, topics)
    const path = join(folder, 'leeway.yaml')
    const state = join(folder, 'state')
    writeFileSync(path, text)
    await createTopics(
      kafkaAddress as string,
      topics.map((topic) => ({ topic, partitions: 3 })),
    )
    await run(process.execPath, [bin, 'produce', '-c', path, '--source', 'history', '--to', 'production'])
    const wanted = (await replayed(path, '--source', 'history')).map(said)

    const first = await serve({ config: path, state, env: { LEEWAY_COMMIT_RECORDS_MAX: '2000' } })
    await until(
      first,
      async () => (dump(state).some(({ type }) => type === 'position') ? true : undefined),
      'the first commit',
    )
    await kill(first, 'SIGKILL')
    const second = await serve({ config: path, state })
    const windows = () => getJson<{ windows: Window[] }>(second, '/api/v1/windows?limit=10000&order=oldest')
    let found: Window[] = []
    await until(
      second,
      async () => {
        found = (await windows()).windows
        return found.length >= wanted.length && found.every(({ provisional }) => !provisional) ? true : undefined
      },
      'all windows to be final',
    )
    await kill(second, 'SIGTERM')
    assert.equal(found.length, wanted.length)
    for (const [i, window] of found.entries()) assert.deepEqual(said(window), wanted[i])
    rmSync(folder, { recursive: true })
  })
}
