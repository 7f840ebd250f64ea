import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readRows } from '../../src/sources/codecs/rows.ts'
import { createFileSource } from '../../src/sources/file.ts'
import type { Row } from '../../src/sources/source.ts'
import { sourceBattery } from '../batteries/source.battery.ts'

const folder = mkdtempSync(join(tmpdir(), 'leeway-files-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0
function write(ending: string, content: string | Buffer): string {
  const path = join(folder, `file-${files++}${ending}`)
  writeFileSync(path, content)
  return path
}
const written = new Map<number, string>()
/** A file of numbered rows; the same one for the same count, as a daemon finds it that starts again. */
function numbered(count: number): string {
  const path = written.get(count) ?? write('.csv', `n\n${Array.from({ length: count }, (_, i) => i).join('\n')}\n`)
  written.set(count, path)
  return path
}
const atOnce = (row: Row) => [{ at: null, value: row }]

sourceBattery('file', {
  make: (count) => createFileSource({ name: 'file', path: numbered(count), plan: atOnce }),
  numberOf: (value) => Number((value as Row)['n']),
  ends: true,
})

async function all(path: string): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const chunk of readRows(path)) rows.push(...chunk)
  return rows
}
const plain = (rows: unknown[]) =>
  rows.map((row) => (row instanceof Uint8Array ? Buffer.from(row).toString() : { ...(row as object) }))

test('labels are held back until the time of the file has reached them, ties in the order of the file', async () => {
  const path = write('.csv', 'time,label,known\n10,a,30\n20,b,25\n30,c,30\n40,d,900\n')
  const plan = (row: Row) => [
    { at: Number(row['time']), value: { row: row['time'] } },
    { at: Number(row['known']), value: { label: row['label'] } },
  ]
  const seen: unknown[] = []
  await createFileSource({ name: 'file', path, plan }).run({
    assigned: () => [undefined],
    batch: async ({ records }) => void seen.push(...records.map(({ value }) => Object.values(value as object)[0])),
  })
  assert.deepEqual(seen, ['10', '20', 'b', 'a', '30', 'c', '40', 'd'])
})

test('CSV: quotes, a byte order mark, empty cells, and a line with too few cells', async () => {
  const rows = await all(write('.csv', '\ufeffid,job\n1,"cook, head"\n2,\n3\n'))
  assert.deepEqual(plain(rows), [{ id: '1', job: 'cook, head' }, { id: '2', job: null }, '3'])
})

test('the same rows come from CSV and JSON lines, packed or not', async () => {
  const csv = 'id,job\n1,cook\n2,nurse\n'
  const lines = '{"id":"1","job":"cook"}\n{"id":"2","job":"nurse"}\n'
  const wanted = [
    { id: '1', job: 'cook' },
    { id: '2', job: 'nurse' },
  ]
  for (const path of [
    write('.csv', csv),
    write('.csv.gz', gzipSync(csv)),
    write('.jsonl', lines),
    write('.ndjson.gz', gzipSync(lines)),
  ])
    assert.deepEqual(plain(await all(path)), wanted, path)
})

test('JSON lines: what is not an object, and what names a prototype, is left to the decoder as it stands', async () => {
  const lines = ['{"id":1}', 'nonsense', '[1]', '{"__proto__":{"a":1}}', '']
  assert.deepEqual(plain(await all(write('.jsonl', `${lines.join('\r\n')}\r\n`))), [
    { id: 1 },
    'nonsense',
    '[1]',
    '{"__proto__":{"a":1}}',
  ])
})

test('a column called __proto__ is a column', async () => {
  const [row] = (await all(write('.csv', '__proto__,id\nx,1\n'))) as [Row]
  assert.deepEqual(Object.keys(row), ['__proto__', 'id'])
  assert.equal(({} as Record<string, unknown>)['x'], undefined)
})

test('Parquet: numbers, text and times as the CSV of the same data would say', async () => {
  const rows = (await all(join(import.meta.dirname, '..', 'data', 'employment-ma-reference.parquet'))) as Row[]
  assert.equal(rows.length, 68_785)
  assert.equal(typeof rows[0]?.['score'], 'number')
  assert.ok(!rows.some((row) => Object.values(row).some((value) => typeof value === 'bigint')))
})

test('what is wrong with a file is said with its name and what to do', async () => {
  const said = async (path: string, expected: RegExp) =>
    assert.rejects(all(path), (error: Error) => expected.test(error.message) && error.message.startsWith(path))
  await said(join(folder, 'nowhere.csv'), /missing or may not be read; check the path/)
  await said(write('.txt', 'x'), /\.csv, \.jsonl, \.ndjson .* can be read/)
  await said(write('.csv', ''), /is empty/)
  await said(write('.csv', 'a,a\n1,2\n'), /two columns are called "a"/)
  await said(write('.csv.gz', 'not packed'), /cannot be read as CSV/)
  await said(write('.parquet', 'not parquet at all'), /cannot be read as Parquet/)
})
