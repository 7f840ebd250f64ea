// The events of the world: files of real rows as canonical events, in the order in which they happen, and events that are built to be
// taken for something else than text.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { HOUR, MINUTE } from '../../src/time.ts'
import { seeded } from '../build/random.ts'
import { MARKUP_CALL } from './browser.ts'

export interface TestRecord {
  readonly partition: number
  readonly value: string
}

interface Told {
  readonly atMs: number
  readonly event: object
}

const notFeatures = new Set(['id', 'time', 'score', 'prediction', 'label', 'label_time', 'income'])

/** A file of rows, moved in time so that it ends now: what a page says of a while ago is then what a person would read. */
export interface DataSet {
  readonly names: readonly string[]
  readonly rows: ReadonlyArray<Readonly<Record<string, string>>>
}

function readCsv(path: string): DataSet {
  const [head = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  const names = head.split(',')
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i] as string, cell])))
  return { names, rows }
}

const later = (time: string | undefined, byMs: number) => new Date(Date.parse(time as string) + byMs).toISOString()

function moved({ names, rows }: DataSet, byMs: number): DataSet {
  return {
    names,
    rows: rows.map((row) => ({
      ...row,
      time: later(row['time'], byMs),
      label_time: later(row['label_time'], byMs),
    })),
  }
}

/**
 * A reference and what came after it, moved so that production has come as far as a given row now.
 *
 * @param stepMs by whole steps, so that windows hold the same rows whenever this runs
 * @param until the time in the file that is now
 */
export function readMoved(
  path: string,
  { stepMs, until }: { stepMs: number; until: number },
): { reference: DataSet; production: DataSet; nowMs: number } {
  const byMs = Math.floor((Date.now() - until) / stepMs) * stepMs
  const read = (part: string) => moved(readCsv(`${path}${part}.csv.gz`), byMs)
  return { reference: read('reference'), production: read('production'), nowMs: until + byMs }
}

/** What people around a house earn. */
export function withIncomes({ names, rows }: DataSet): DataSet {
  const incomeOf = (median: number) => (median < 3 ? 'low' : median < 5 ? 'middle' : 'high')
  return {
    names: [...names, 'income'],
    rows: rows.map((row) => ({ ...row, income: incomeOf(Number(row['MedInc'])) })),
  }
}

export function csvOf({ names, rows }: DataSet): string {
  return `${[names.join(','), ...rows.map((row) => names.map((name) => row[name]).join(','))].join('\n')}\n`
}

/** Numbers are told as numbers, and what is empty as missing, as a file of rows means it. */
function cellOf(text: string): number | string | null {
  if (text === '') return null
  return Number.isFinite(Number(text)) ? Number(text) : text
}

export interface Telling {
  readonly model: string
  readonly version: string
  readonly from?: number
  readonly until: number
}

/** The rows of a file between two times as canonical events; labels come at their own time, or not at all when that is later. */
export function eventsOf({ names, rows }: DataSet, { model, version, from = 0, until }: Telling): TestRecord[] {
  const features = names.filter((name) => !notFeatures.has(name))
  const told = rows.flatMap((row): Told[] => {
    const { id, time, label_time: labelTime } = row
    const prediction = {
      ...{ type: 'prediction', id, model, version, time },
      features: Object.fromEntries(features.map((name) => [name, cellOf(row[name] ?? '')])),
      ...(row['score'] !== undefined && { score: Number(row['score']) }),
      prediction: cellOf(row['prediction'] ?? ''),
      ...(row['income'] !== undefined && { segments: { income: row['income'] } }),
    }
    const label = { type: 'label', id, model, time: labelTime, label: cellOf(row['label'] ?? '') }
    return [
      { atMs: Date.parse(time as string), event: prediction },
      { atMs: Date.parse(labelTime as string), event: label },
    ]
  })
  return told
    .filter(({ atMs }) => atMs >= from && atMs < until)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ event }) => ({ partition: 0, value: JSON.stringify(event) }))
}

const call = `${MARKUP_CALL}()`
/** What would run if a page took it for markup. */
export const markup = {
  model: `<img src=x onerror=${call}>`,
  features: [
    `<script>${call}</script>`,
    `"><svg/onload=${call}>`,
    'income',
    `${'a very long name of a feature '.repeat(6)}`.trim(),
  ],
  categories: [
    `<iframe srcdoc="<script>parent.${call}</script>">`,
    `</title><script>${call}</script>`,
    '{{7*7}}',
    '\u202egnp.exe',
  ],
  versions: ['1', `</td><img src=x onerror=${call}>`],
  comment: `<b onmouseover=${call}>looks bold</b> [here](javascript:${call}) <script>${call}</script>`,
  id: `<img src=x onerror=${call}>-id`,
} as const

const REFERENCE_ROWS = 3_000
const PRODUCTION_ROWS = 2_000
const markupStart = Math.floor(Date.now() / HOUR) * HOUR - (REFERENCE_ROWS + PRODUCTION_ROWS) * MINUTE

/** How the columns of these rows are read. */
export const markupMapping = '{id: id, time: time, version: ver, score: score, prediction: decision, label: label}'

/**
 * A model all of whose strings are markup, one row a minute.
 *
 * @param isProduction its features have moved, and it is wrong half of the time
 */
function markupRows(from: number, count: number, isProduction: boolean): string[] {
  const random = seeded(3 + from)
  return Array.from({ length: count }, (_, i) => {
    const score = random()
    const decision = score >= 0.5 ? 'bad' : 'good'
    const isRight = random() < (isProduction ? 0.5 : 0.95)
    const kinds = isProduction ? markup.categories : ['a', 'b']
    return JSON.stringify({
      id: `${markup.id}-${from + i}`,
      time: new Date(markupStart + (from + i) * MINUTE).toISOString(),
      ver: markup.versions[i % markup.versions.length],
      ...{ score, decision, label: isRight === (decision === 'bad') ? 'bad' : 'good' },
      kind: kinds[Math.floor(random() * kinds.length)],
      ...Object.fromEntries(markup.features.map((name) => [name, random() + (isProduction ? 3 : 0)])),
    })
  })
}

export const markupReference = (): string => `${markupRows(0, REFERENCE_ROWS, false).join('\n')}\n`
export const markupProduction = (): TestRecord[] =>
  markupRows(REFERENCE_ROWS, PRODUCTION_ROWS, true).map((value) => ({ partition: 0, value }))

/** Records that nobody can read, as they come. */
export const broken: readonly TestRecord[] = [
  '{"type":"prediction","id":"r-81","model":"not-yet-live","time":"yesterday","features":{"age":41},"prediction":3.5}',
  'id=r-82 prediction=4.1',
  '{"type":"label","model":"not-yet-live","time":"2026-11-26T07:00:00Z","label":4}',
].map((value) => ({ partition: 0, value }))

/** The same, from those who would like them to be taken for something else. */
export const unreadable: readonly TestRecord[] = [
  `{"id": "${markup.id}", "time": "yesterday", "decision": "good"}`,
  `<script>${call}</script>`,
  '{"id": "no-time"}',
].map((value) => ({ partition: 0, value }))
