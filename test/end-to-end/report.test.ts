// What a report says is what `leeway replay --json` says of the same run.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { count, metricName, plainNumber, withInterval } from '../../src/delivery/wording.ts'
import { leeway } from '../cli/run.ts'

interface Counts {
  readonly judged: number
  readonly alarmed: number
}
interface Model {
  readonly predictions: number
  readonly joined: number
  readonly windows: number
  readonly features: ReadonlyArray<{ name: string; worst: { method: string; value: number }; windows: Counts }>
  readonly performance: ReadonlyArray<{
    metric: string
    reference: number
    last: number
    low: number
    high: number
    whole: { value: number; low: number; high: number }
    windows: Counts
  }>
}
interface IncidentLine {
  readonly type: 'incident'
  readonly id: string
  readonly kind: string
  readonly change: string
  readonly because: string
}

const folder = mkdtempSync(join(tmpdir(), 'leeway-report-'))
after(() => rmSync(folder, { recursive: true }))

const cellsOf = (line: string) =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\', ''))

/** Rows of the first table under a heading. */
function rowsUnder(markdown: string, heading: string): string[][] {
  const [, part = ''] = markdown.split(`\n## ${heading}\n`)
  const [table = ''] = part.match(/^\|[\s\S]*?\n\n/m) ?? []
  return table.trim().split('\n').slice(2).map(cellsOf)
}

for (const [name, config] of [
  ['california', 'examples/california/leeway.yaml'],
  ['wine', 'test/data/wine.yaml'],
] as const) {
  test(`the report of ${name} says what the replay says`, async () => {
    const state = join(folder, name)
    const { stdout } = await leeway(['replay', '-c', config, '--state', state, '--json'])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { models } = lines.at(-1) as { models: Model[] }
    const [model] = models as [Model]
    const told = await leeway(['report', '-c', config, '--state', state, '--format', 'md', '-o', '-'])
    assert.deepEqual([told.code, told.stderr], [0, ''])
    const markdown = told.stdout

    assert.match(markdown, new RegExp(`· ${model.windows} windows of .* · ${count(model.predictions)} predictions\n`))
    const times = ({ alarmed, judged }: Counts) => `${alarmed} of ${judged}`
    const wanted = model.performance.map(({ metric, reference, whole, last, low, high, windows }) => [
      ...[metricName(metric), plainNumber(reference), withInterval(whole.value, whole.low, whole.high)],
      ...[withInterval(last, low, high), times(windows)],
    ])
    const shown = rowsUnder(markdown, 'Performance').map(([metric, reference, whole, , last, , windows]) => [
      ...[metric, reference, whole, last, windows],
    ])
    assert.deepEqual(shown.toSorted(), wanted.toSorted())
    assert.deepEqual(
      rowsUnder(markdown, 'Drift').map(([feature, worst, , windows]) => [feature, worst, windows]),
      model.features.map(({ name: feature, worst, windows }) => [
        ...[feature, `${metricName(worst.method)} ${plainNumber(worst.value)}`, times(windows)],
      ]),
    )
    const incidents = lines.filter((line): line is IncidentLine => line.type === 'incident')
    const fired = new Set(incidents.filter(({ change }) => change === 'firing').map(({ id }) => id))
    assert.deepEqual(new Set(markdown.match(/(?<=· incident )[0-9a-f]{16}/g)), fired)
    for (const { id, because } of incidents.filter((one) => fired.has(one.id))) {
      const [, own = ''] = markdown.split(`· incident ${id}\n`)
      assert.ok(own.split('\n### ')[0]?.replaceAll('\\', '').includes(because), `${id}: ${because}`)
    }
    const over = incidents.filter(({ change }) => change === 'resolved').length
    assert.equal(markdown.match(/UTC to .*, \d+ \w+ · incident/g)?.length ?? 0, over)
  })
}
