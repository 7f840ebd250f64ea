// The backtest on real data: with unchanged rules it raises what was raised, with another threshold what a replay with it raises.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { parse, stringify } from 'yaml'
import { bin } from '../build/state.ts'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'leeway-backtest-'))
after(() => rmSync(folder, { recursive: true }))

interface Line {
  readonly type: string
  readonly id: string
  readonly kind: string
  readonly change: string
  readonly by: string
  readonly firings: ReadonlyArray<{ readonly from: string; readonly to: string | null }>
  readonly differences: readonly string[]
}

async function leeway(...args: readonly string[]): Promise<Line[]> {
  const { stdout } = await run(process.execPath, [bin, ...args, '--json'], { maxBuffer: 1 << 30 })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

/** Each configuration is replayed once, into a state that the tests share. */
const replays = new Map<string, Promise<Line[]>>()
const stateOf = (config: string) => join(folder, config.replaceAll('/', '-'))
function replayed(config: string): Promise<Line[]> {
  const running = replays.get(config) ?? leeway('replay', '-c', join(root, config), '--state', stateOf(config))
  replays.set(config, running)
  return running
}

/** What people were told of: each incident as often as it fired and ended. */
function toldBy(lines: readonly Line[], kind: string): string[] {
  return lines
    .filter((line) => line.type === 'incident' && line.kind === kind && ['firing', 'resolved'].includes(line.change))
    .map(({ id, change }) => `${id} ${change}`)
    .sort()
}

function playedBy(lines: readonly Line[], kind: string, by: string): string[] {
  return lines
    .filter((line) => line.type === 'alarm' && line.kind === kind && line.by === by)
    .flatMap(({ id, firings }) =>
      firings.flatMap(({ to }) => [`${id} firing`, ...(to === null ? [] : [`${id} resolved`])]),
    )
    .sort()
}

/** The configuration with one more setting of its model, beside the same files. */
function changed(config: string, name: string, setting: object): string {
  const document = parse(readFileSync(join(root, config), 'utf8'))
  const absolute = (path: string) => join(root, dirname(config), path)
  for (const source of Object.values<{ path: string }>(document.sources)) source.path = absolute(source.path)
  for (const model of Object.values<{ reference: { file: string } }>(document.models)) {
    model.reference.file = absolute(model.reference.file)
    Object.assign(model, setting)
  }
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, stringify(document))
  return file
}

const kinds = ['drift', 'performance', 'quality', 'volume', 'estimated']
const limit = { timeout: 600_000 }

for (const config of [
  'examples/california/leeway.yaml',
  'test/data/wine.yaml',
  'test/data/employment-ma.yaml',
  'test/data/employment-ma-incident.yaml',
]) {
  test(`${config}: with unchanged rules it raises exactly what was raised`, limit, async () => {
    const told = await replayed(config)
    const played = await leeway('backtest', '-c', join(root, config), '--state', stateOf(config))
    for (const kind of kinds) assert.deepEqual(playedBy(played, kind, 'all rules'), toldBy(told, kind), kind)
    assert.deepEqual(played.at(-1)?.differences, [])
    assert.equal(played.at(-1)?.type, 'summary')
  })
}

const california = 'examples/california/leeway.yaml'
const metrics = ['roc_auc', 'average_precision', 'accuracy', 'f1', 'log_loss', 'brier']
for (const { rule, thresholds, setting } of [
  {
    rule: 'performance/roc_auc',
    thresholds: [0.01, 0.06, 0.15],
    setting: (drop: number) => ({ performance: { metrics, alarm: { roc_auc: { drop } } } }),
  },
  {
    rule: 'drift/MedInc',
    thresholds: [0.05, 0.2, 0.6],
    setting: (floor: number) => ({ drift: { columns: { MedInc: { floor } } } }),
  },
  {
    rule: 'quality/out-of-range/Latitude',
    thresholds: [0.02, 0.2],
    setting: (outOfRange: number) => ({ quality: { columns: { Latitude: { outOfRange } } } }),
  },
]) {
  for (const threshold of thresholds) {
    test(`California: ${rule} at ${threshold} raises exactly what a replay with it raises`, limit, async () => {
      await replayed(california)
      const file = changed(california, `${rule.replaceAll('/', '-')}-${threshold}`, setting(threshold))
      const other = join(folder, `state-${rule.replaceAll('/', '-')}-${threshold}`)
      const told = await leeway('replay', '-c', file, '--state', other)
      const [kind = ''] = rule.split('/')
      const tuned = ['--rule', rule, '--threshold', String(threshold)]
      const played = await leeway('backtest', '-c', join(root, california), '--state', stateOf(california), ...tuned)
      // The rule by itself, in the windows of either run; and with all others what people were told of.
      const alone = await leeway('backtest', '-c', file, '--state', other, '--rule', rule)
      assert.deepEqual(playedBy(played, kind, rule), playedBy(alone, kind, rule))
      assert.deepEqual(playedBy(played, kind, 'changed rules'), toldBy(told, kind))
    })
  }
}

test('a changed configuration is replayed, and compared with what it was', limit, async () => {
  const set = ['--set', 'models.california.performance.alarm.roc_auc.drop=0.15']
  const lines = await leeway('backtest', '-c', join(root, california), ...set)
  const file = changed(california, 'set', { performance: { metrics, alarm: { roc_auc: { drop: 0.15 } } } })
  const told = await leeway('replay', '-c', file)
  for (const kind of kinds) assert.deepEqual(playedBy(lines, kind, 'changed rules'), toldBy(told, kind), kind)
})
