// What leeway says of a file: replayed through the command that users run, read back from its lines of JSON.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parse, stringify } from 'yaml'
import { bin } from './state.ts'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)

export interface Verdict {
  readonly monitor: string
  readonly kind: string
  readonly feature: string | null
  readonly metric: string
  readonly status: 'ok' | 'warning' | 'alarm' | 'insufficient'
  readonly value: number | null
  readonly threshold: number | null
  readonly reference: number | null
  readonly calibrated: boolean
  readonly errors?: { readonly current: number; readonly reference: number }
  /** Of a verdict that is insufficient. */
  readonly reason?: string
}

export interface Window {
  readonly window: string
  readonly start: string
  readonly end: string
  readonly samples: number
  readonly verdicts: readonly Verdict[]
}

export interface Evidence {
  readonly monitor: string
  readonly metric: string
  readonly feature: string | null
  readonly window: string
  readonly end: string
  readonly value: number
  readonly low: number
  readonly high: number
  readonly reference: number | null
  /** Of concept drift. */
  readonly errors?: { readonly current: number; readonly reference: number }
}

export interface Incident {
  readonly id: string
  readonly kind: string
  readonly severity: 'warning' | 'alarm' | 'critical'
  readonly change: 'pending' | 'firing' | 'update' | 'resolved' | 'withdrawn'
  readonly since: string
  readonly at: string
  readonly features: readonly string[]
  readonly evidence: readonly Evidence[]
}

export interface Model {
  readonly predictions: number
  readonly joined: number
  readonly quarantined: number
  readonly incidents: Readonly<Record<string, number>>
  readonly features: ReadonlyArray<{ name: string; worst: { method: string; value: number }; alarmed: boolean }>
  readonly performance: ReadonlyArray<{
    metric: string
    reference: number
    whole: { value: number; low: number; high: number }
  }>
}

export interface Replay {
  readonly windows: readonly Window[]
  readonly incidents: readonly Incident[]
  readonly model: Model
}

/** Windows that are used in place of those of the configuration. */
export type Windows = ReadonlyArray<{ readonly size: string; readonly slide: string }>

/** @param config path of a configuration of one model, from the root of the repository */
export async function replay(config: string, windows?: Windows): Promise<Replay> {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-replay-'))
  try {
    const file = windows === undefined ? join(root, config) : withWindows(join(root, config), windows, folder)
    const { stdout } = await run(process.execPath, [bin, 'replay', '-c', file, '--json'], { maxBuffer: 1 << 30 })
    return read(stdout)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes the configuration with other windows. Its files stay where they are. */
function withWindows(config: string, windows: Windows, folder: string): string {
  const document = parse(readFileSync(config, 'utf8'))
  const absolute = (path: string) => join(dirname(config), path)
  for (const source of Object.values<{ path: string }>(document.sources)) source.path = absolute(source.path)
  for (const model of Object.values<{ reference: { file: string }; windows: Windows }>(document.models)) {
    model.reference.file = absolute(model.reference.file)
    model.windows = windows
  }
  const file = join(folder, 'leeway.yaml')
  writeFileSync(file, stringify(document))
  return file
}

function read(stdout: string): Replay {
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string })
  const of = <T>(type: string) => lines.filter((line) => line.type === type) as unknown as T[]
  const [summary] = of<{ models: Model[] }>('summary')
  assert.equal(summary?.models.length, 1, 'one model is replayed')
  return { windows: of<Window>('window'), incidents: of<Incident>('incident'), model: summary?.models[0] as Model }
}

/** Incidents of a kind that people were told of, as they were when they fired. */
export function firing({ incidents }: Replay, kind: string): Incident[] {
  return incidents.filter((incident) => incident.kind === kind && incident.change === 'firing')
}
