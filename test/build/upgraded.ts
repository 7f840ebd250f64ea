// What a daemon of schema 1 had read when it was stopped: a configuration, and events of which it saw the first part. The state that
// it left is `test/store/states/schema-1-live.db.gz`: a model with a reference file whose rows are all alike, so that incidents are
// open and messages wait; a model that had learnt its reference from the stream, and one that was still learning.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5)
/** What the clock said throughout. */
export const UPGRADE_NOW = START + 30 * 24 * 60 * MINUTE
const jobs = ['cook', 'pilot', 'nurse']

/** The same numbers for ever, however random numbers are made: 0 to 999. */
const mixed = (i: number) => ((i * 7_919 + (i % 13) * 104_729) % 99_991) % 1_000

export function writeUpgradeConfiguration(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const lines = ['id,time,amount,job,score,decision,label']
  for (let i = 0; i < 1_500; i++) {
    const score = mixed(i) / 1_000
    const cells = [10 + (mixed(i + 5) % 97), jobs[mixed(i + 9) % 3], score, score >= 0.5 ? 'bad' : 'good']
    const time = new Date(START - (1_500 - i) * MINUTE).toISOString()
    lines.push([`r${i}`, time, ...cells, mixed(i + 3) / 1_000 < score ? 'bad' : 'good'].join(','))
  }
  writeFileSync(join(folder, 'reference.csv'), `${lines.join('\n')}\n`)
  writeFileSync(join(folder, 'secret'), `whsec_${Buffer.alloc(32, 7).toString('base64')}`)
  const file = join(folder, 'leeway.yaml')
  const stream = (first: string) =>
    `{source: stream, task: binary, positiveClass: bad, reference: {first: ${first}}, windows: [{size: 2h, slide: 1h}], labels: {horizon: 1d}}`
  writeFileSync(
    file,
    `apiVersion: leeway/v1
sources:
  stream: {type: kafka, brokers: ["localhost:9092"], topics: [events], events: canonical}
models:
  filed:
    source: stream
    task: binary
    positiveClass: bad
    reference: {file: reference.csv, events: {id: id, time: time, features: [amount, job], score: score, prediction: decision, label: label}}
    windows: [{size: 2h, slide: 1h}]
    minSamples: 30
    labels: {horizon: 1d}
  learnt: ${stream('4h')}
  learning: ${stream('20d')}
channels:
  pager: {type: webhook, url: "https://pager.example.org/hook", secretFile: secret}
retraining:
  filed: {target: webhook, url: "https://jobs.example.org/retrain", on: [drift, performance]}
`,
  )
  return file
}

/** A prediction a minute for each model; labels an hour later, but for every fifth; every ninth label comes before its prediction. */
function events(from: number, to: number): object[] {
  const rows: Array<{ readonly at: number; readonly event: object }> = []
  for (let i = from; i < to; i++) {
    for (const model of ['filed', 'learnt', 'learning']) {
      const time = START + i * MINUTE
      // All alike, and unlike the reference.
      const score = model === 'filed' ? 0.7 : mixed(i) / 1_000
      const features =
        model === 'filed' ? { amount: 12, job: 'cook' } : { amount: mixed(i + 5), job: jobs[mixed(i) % 3] }
      const prediction = score >= 0.5 ? 'bad' : 'good'
      rows.push({ at: i, event: { type: 'prediction', id: `e${i}`, model, time, features, score, prediction } })
      const label = {
        type: 'label',
        id: `e${i}`,
        model,
        time: time + 30 * MINUTE,
        label: mixed(i + 3) < 500 ? 'bad' : 'good',
      }
      if (i % 9 === 0) rows.push({ at: i - 20, event: label })
      else if (i % 5 !== 0) rows.push({ at: i + 60, event: label })
      // A second opinion, long after.
      if (i % 31 === 0) rows.push({ at: i + 300, event: { ...label, time: time + 300 * MINUTE, label: 'good' } })
    }
  }
  return rows.sort((a, b) => a.at - b.at).map(({ event }) => event)
}

const all = events(0, 18 * 60)
const STOPPED_AT = Math.floor(all.length * 0.6)
export const beforeUpgrade: readonly object[] = all.slice(0, STOPPED_AT)
export const afterUpgrade: readonly object[] = all.slice(STOPPED_AT)
/** Events of a commit. */
export const UPGRADE_COMMIT = 400
