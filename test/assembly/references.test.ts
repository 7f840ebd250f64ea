import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { referenceOf } from '../../src/assembly/references.ts'
import { readDocument } from '../../src/config/load.ts'
import type { BaselineChoice } from '../../src/reference/phases.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { serialise } from '../../src/reference/reference.ts'

const HOUR = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'leeway-references-'))
after(() => rmSync(folder, { recursive: true }))

/** A row every half hour. */
function fileOf(days: number): string {
  const lines = Array.from({ length: 48 * days }, (_, i) =>
    [i, new Date(Date.UTC(2026, 0, 1) + (i * HOUR) / 2).toISOString(), (i * 7) % 48, (i % 10) / 10].join(),
  )
  const path = join(folder, `${days}-days.csv`)
  writeFileSync(path, `id,time,x,score\n${lines.join('\n')}\n`)
  return path
}

async function load(reference: string, baseline: BaselineChoice): Promise<Reference> {
  const document = readDocument(
    `apiVersion: leeway/v1
sources: {history: {type: file, path: rows.csv, events: {id: id, time: time, features: [x], score: score}}}
models:
  m: {source: history, task: binary, positiveClass: "1", reference: ${reference}, windows: [{size: 6h, slide: 1h}], baseline: ${baseline}}
`,
    join(folder, 'leeway.yaml'),
  )
  const [model] = document.models.values()
  assert.ok(model)
  return (await referenceOf(model)) as Reference
}

test('a file too short to tell hours apart is refused, with its model, what it spans and what is needed', async () => {
  await assert.rejects(load(`{file: ${fileOf(5)}}`, 'same_hour_of_day'), {
    message:
      'models.m: baseline: same_hour_of_day needs a reference of at least 7d, and this one spans 5d: file 5-days.csv; give it a longer one, or set baseline: pooled',
  })
})

test('a profile must have been built with the baseline that is asked for', async () => {
  const byDay = await load(`{file: ${fileOf(8)}}`, 'same_hour_of_day')
  const path = join(folder, 'profile.json')
  writeFileSync(path, serialise(byDay))
  assert.equal((await load(`{profile: ${path}}`, 'same_hour_of_day')).id, byDay.id)
  for (const baseline of ['pooled', 'same_hour_of_week'] as const)
    await assert.rejects(load(`{profile: ${path}}`, baseline), {
      message: `models.m.baseline: it is ${baseline}, but ${path} was built with same_hour_of_day; build it again with: leeway reference build`,
    })
})
