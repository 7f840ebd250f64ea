import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { referenceOf } from '../../src/assembly/references.ts'
import { Starts } from '../../src/assembly/starts.ts'
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

test('a segment column that is nearly one that the reference knows is refused, and one that may come with the events is taken', async () => {
  const path = join(folder, 'segments.csv')
  const lines = Array.from({ length: 400 }, (_, i) =>
    [i, new Date(Date.UTC(2026, 0, 1) + i * HOUR).toISOString(), i % 48, ['DE', 'FR'][i % 2], (i % 10) / 10].join(),
  )
  writeFileSync(path, `id,time,income,country,score\n${lines.join('\n')}\n`)
  const modelWith = (segments: string, mapped = 'country') => {
    const document = readDocument(
      `apiVersion: leeway/v1
sources: {live: {type: kafka, brokers: ["localhost:9092"], topics: [p], events: canonical}}
models:
  m: {source: live, task: binary, positiveClass: "1", windows: [{size: 6h, slide: 1h}], segments: ${segments},
    reference: {file: ${path}, events: {id: id, time: time, segments: [${mapped}], score: score}}}
`,
      join(folder, 'leeway.yaml'),
    )
    const [model] = document.models.values()
    assert.ok(model)
    return model
  }
  const startWith = (segments: string, mapped?: string) => referenceOf(modelWith(segments, mapped))
  for (const [written, meant] of [
    ['contry', 'country'],
    ['incom', 'income'],
  ])
    await assert.rejects(startWith(`[${written}]`), {
      message: `models.m.segments[0]: the reference has no such column; did you mean ${meant}? (columns: country, income); if events do bring ${written}, list it under models.m.reference.events.segments, too`,
    })
  // Names of their own, although they are like those of others.
  for (const column of ['country', 'income', 'tenant', 'count', 'income_band', 'in']) await startWith(`[${column}]`)
  await startWith('[contry]', 'country, contry')

  // What an earlier process has learnt is held against it as well.
  const reference = (await startWith('[country]')) as Reference
  const starts = new Starts({ find: async () => reference, keep: async () => {} })
  await assert.rejects(starts.of(modelWith('[contry]')), /segments\[0\]: .* did you mean country\?/)
  assert.equal((await starts.of(modelWith('[country]'))).reference, reference)
})
