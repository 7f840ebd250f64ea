// A state as large as a busy daemon's: many models of many features, each with a day of windows, and incidents if wanted.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referenceOf } from '../../src/assembly/references.ts'
import { loadDocument } from '../../src/config/load.ts'
import { loadSettings } from '../../src/config/settings.ts'
import type { Daemon } from '../../src/daemon.ts'
import { startDaemon } from '../../src/daemon.ts'
import type { Incident } from '../../src/incidents/incident.ts'
import type { Verdict } from '../../src/monitors/verdict.ts'
import { serialise } from '../../src/reference/reference.ts'
import { createLog } from '../../src/telemetry/log.ts'
import { changes } from '../store/changes.ts'
import { incident } from './messages.ts'
import { driftVerdict, windowResult } from './metrics.ts'
import { seeded } from './random.ts'

const HOUR = 3_600_000
const START = Date.UTC(2026, 10, 25)
const WINDOWS = 24

export interface WideFleetOptions {
  readonly folder: string
  readonly models: number
  readonly features: number
  /** That fire, spread over the models. */
  readonly incidents?: number
}

const nameOf = (model: number) => `model-${String(model).padStart(3, '0')}`

/** Writes the configuration and the state. */
export async function makeWideFleet(options: WideFleetOptions): Promise<void> {
  const { folder, models, features, incidents = 0 } = options
  mkdirSync(folder, { recursive: true })
  const names = Array.from({ length: features }, (_, i) => `feature_${i}`)
  writeFileSync(join(folder, 'reference.csv'), referenceRows(names))
  const rows = Array.from({ length: models }, (_, i) => predictionOf(nameOf(i), names))
  writeFileSync(join(folder, 'production.jsonl'), rows.join('\n'))
  const config = join(folder, 'leeway.yaml')
  writeFileSync(
    config,
    documentOf(['learner'], '{file: reference.csv, events: {id: id, time: time, score: score, label: label}}'),
  )
  const learner = loadDocument(config).models.get('learner')
  const reference = await referenceOf(learner as NonNullable<typeof learner>)
  if ('firstMs' in reference) throw new Error('it is learnt from a file')
  writeFileSync(join(folder, 'profile.json'), serialise(reference))
  writeFileSync(
    config,
    documentOf(
      Array.from({ length: models }, (_, i) => nameOf(i)),
      '{profile: profile.json}',
    ),
  )
  const daemon = await startWideFleet(folder)
  await daemon.run()
  for (let i = 0; i < models; i++) daemon.store.commit(changes({ results: resultsOf(nameOf(i), names, i) }))
  const fired = Array.from({ length: incidents }, (_, i) => incidentOf(i, nameOf(i % models)))
  const transitions = fired.map(({ id, sequence, at }) => {
    return {
      incidentId: id,
      sequence,
      change: 'firing',
      because: 'over the threshold for 6 windows in a row',
      at,
    } as const
  })
  daemon.store.commit(changes({ incidents: fired, transitions }))
  await daemon.stop()
}

/** The daemon on it, in this process, without HTTP yet. */
export function startWideFleet(folder: string): Promise<Daemon> {
  const config = join(folder, 'leeway.yaml')
  return startDaemon({
    document: loadDocument(config),
    settings: loadSettings({ env: {}, flags: { config, stateDir: join(folder, 'state'), port: 0 } }),
    ...{ log: createLog('silent'), version: 'test', write: () => {}, mode: 'live', deliver: true },
  })
}

function documentOf(models: readonly string[], reference: string): string {
  const entries = models.map(
    (name) =>
      `  ${name}: {source: history, task: binary, positiveClass: bad, reference: ${reference}, windows: [{size: 1h, slide: 1h}], multivariate: false}`,
  )
  return `apiVersion: leeway/v1
sources:
  history: {type: file, path: production.jsonl, events: canonical}
models:
${entries.join('\n')}
channels:
  nobody: {type: console}
routes: []
`
}

function referenceRows(names: readonly string[]): string {
  const random = seeded(1)
  const lines = [['id', 'time', ...names, 'score', 'label'].join(',')]
  for (let i = 0; i < 2_000; i++) {
    const score = Math.round(random() * 1e4) / 1e4
    const time = new Date(START - 100 * HOUR + i * (HOUR / 20)).toISOString()
    const values = names.map(() => Math.round(random() * 1e4) / 100)
    lines.push([i, time, ...values, score, random() < score ? 'bad' : 'good'].join(','))
  }
  return lines.join('\n')
}

function predictionOf(model: string, names: readonly string[]): string {
  const features = Object.fromEntries(names.map((name, i) => [name, i]))
  return JSON.stringify({
    type: 'prediction',
    id: `${model}-1`,
    model,
    version: '7',
    time: new Date(START).toISOString(),
    features,
    score: 0.17,
  })
}

function resultsOf(model: string, names: readonly string[], seed: number) {
  const random = seeded(seed)
  return Array.from({ length: WINDOWS }, (_, i) => {
    const verdicts = names.flatMap((name) => verdictsOf(name, random() < 0.01 ? 'alarm' : 'ok', random()))
    const end = START + (i + 1) * HOUR
    const samples = 400 + Math.floor(200 * random())
    return windowResult({
      model,
      version: '7',
      start: end - HOUR,
      end,
      samples,
      verdicts: [...verdicts, ...wholeModel(random())],
    })
  })
}

function verdictsOf(name: string, status: 'ok' | 'alarm', value: number): Verdict[] {
  const quality = (fault: string, metric: string): Verdict => ({
    ...driftVerdict(name, 'ok', value / 100),
    monitor: `quality/${fault}/${name}`,
    ...{ kind: 'quality', metric, reference: 0.01, low: 0, high: 0.1 },
  })
  return [
    driftVerdict(name, status, value),
    ...[
      quality('missing', 'missing_ratio'),
      quality('type', 'type_error_ratio'),
      quality('out-of-range', 'out_of_range_ratio'),
    ],
  ]
}

function wholeModel(value: number): Verdict[] {
  const of = (metric: string): Verdict => ({
    ...driftVerdict('', 'ok', 0.8 + value / 10),
    monitor: `performance/${metric}`,
    ...{ kind: 'performance', feature: null, metric, low: 0.78 + value / 10, high: 0.82 + value / 10, reference: 0.85 },
  })
  return ['roc_auc', 'average_precision', 'accuracy', 'f1', 'log_loss', 'brier'].map(of)
}

function incidentOf(i: number, model: string): Incident {
  const [evidence] = incident().evidence
  return incident({
    id: `wide${String(i).padStart(12, '0')}`,
    model,
    kind: i % 2 === 0 ? 'performance' : 'drift',
    evidence: Array.from({ length: 5 }, () => ({ ...(evidence as NonNullable<typeof evidence>) })),
    since: START,
    at: START + HOUR,
  })
}
