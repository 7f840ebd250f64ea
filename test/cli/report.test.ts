// The report of a model, from a state that a replay has left, and from one that a daemon works on.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tokenOf } from '../build/http.ts'
import { incident } from '../build/messages.ts'
import { START, writeMovingModel } from '../build/moving-model.ts'
import { smallDaemon } from '../build/small-daemon.ts'
import { changes } from '../store/changes.ts'
import { openSession } from './session.ts'

const folder = mkdtempSync(join(tmpdir(), 'leeway-report-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)
const session = openSession()
const HOUR = 3_600_000

const config = at('leeway.yaml')

before(async () => {
  writeMovingModel(folder)
  const { code, stderr } = await session(['replay', '-c', config, '--state', at('state')])
  assert.equal(code, 0, stderr)
})

/** @returns the text of the report that was written */
async function report(name: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await session([
    'report',
    '-c',
    config,
    '--state',
    at('state'),
    '-o',
    at(name),
    ...args,
  ])
  assert.deepEqual([code, stdout, stderr], [0, '', ''])
  return readFileSync(at(name), 'utf8')
}

const said = async (...args: string[]) => (await session(['report', '-c', config, ...args])).stderr

/** Fails where tags do not close in the order in which they were opened. */
function assertWellFormed(html: string): void {
  const open: string[] = []
  const plain = html.replace(/<style>[\s\S]*?<\/style>/, '').replace(/^<!doctype html>/, '')
  for (const [tag, end, name = '', rest = ''] of plain.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:[^<>"]|"[^"<]*")*)>/gi)) {
    if (end === '/') assert.equal(open.pop(), name, tag)
    else if (!rest.endsWith('/') && !['meta', 'br'].includes(name)) open.push(name)
  }
  assert.deepEqual(open, [])
  const text = plain.replace(/<\/?[a-z](?:[^<>"]|"[^"<]*")*>/gi, '')
  assert.ok(!text.includes('<'), text.slice(Math.max(0, text.indexOf('<') - 40)).slice(0, 200))
}

test('a report is one file: well formed, no script, nothing that is fetched, under a megabyte', async () => {
  const html = await report('report.html')
  assertWellFormed(html)
  assert.ok(html.length < 1_000_000, `${html.length} bytes`)
  assert.doesNotMatch(html, /<script|<link|<iframe|<img|@import|\bstyle="|\bon[a-z]+="/i)
  assert.doesNotMatch(html, /(?:src|href|xlink:href)="(?!#)/)
  assert.doesNotMatch(html, /url\((?!#)/)
  assert.match(
    html,
    /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/,
  )
  assert.match(html, /<h1>churn<\/h1>/)
  assert.ok((html.match(/<svg class="chart/g) ?? []).length >= 6)
})

test('names from events are text, in HTML and in Markdown', async () => {
  const html = await report('text.html')
  assert.ok(html.includes('&lt;img src=x onerror='), 'the feature is named')
  assert.ok(html.includes('steal()&lt;/script>'), 'the category is named')
  const markdown = await report('text.md')
  const outsideCode = markdown.replace(/```[\s\S]*?```/g, '')
  assert.doesNotMatch(outsideCode, /(?<!\\)<img|(?<!\\)<script/)
  // A bar in a name does not make another cell; nobody is called, and nothing is a link.
  const [row = ''] = markdown.match(/^\| a\\\|b .*$/m) ?? []
  assert.equal(row.split(/(?<!\\)\|/).length, 7, row)
  assert.doesNotMatch(outsideCode, /@channel|http:\/\/evil|\u202e/)
  assert.match(row, /@\u2060channel http:\u2060\/\/evil/)
})

test('Markdown has the same numbers, and says who made it of what', async () => {
  const markdown = await report('report.md')
  assert.match(
    markdown,
    /^# churn\n\n2026-01-05 00:00 UTC to 2026-01-07 1\d:00 UTC · \d+ windows of 6h, one every 1h · 1,200 predictions\n/,
  )
  assert.match(markdown, /\*\*▲ alarm (?:Drifting|Bad data) in /)
  assert.match(markdown, /\| steady \| .* \| ✓ ok \| 0 of \d+ \| no \|/)
  assert.match(markdown, /- made: 20\d\d-\d\d-\d\d \d\d:\d\d UTC by leeway \d/)
  assert.match(markdown, /- configuration: .*leeway\.yaml, SHA-256 [0-9a-f]{64}/)
  assert.doesNotMatch(markdown, /undefined|NaN|\[object/)
  const html = await report('same.html')
  const [, auc = ''] = markdown.match(/\| ROC AUC \| [\d.]+ \| (.*?) \|/) ?? []
  assert.ok(auc !== '' && html.includes(auc), auc)
})

test('a period is cut out by times, by days, and by how long before the last window', async () => {
  const head = async (...args: string[]) => (await report('cut.md', ...args)).split('\n')[2]
  assert.match((await head('--to', '2026-01-05')) ?? '', /to 2026-01-06 00:00 UTC · 19 windows/)
  assert.match(
    (await head('--from', '2026-01-06T00:00Z', '--to', '2026-01-06T03:00Z')) ?? '',
    /^2026-01-05 18:00 UTC to 2026-01-06 03:00 UTC · 4 windows/,
  )
  // The window that ends as a day begins is of the day before.
  assert.match(
    (await head('--from', '2026-01-06', '--to', '2026-01-06')) ?? '',
    /^2026-01-05 19:00 UTC to 2026-01-07 00:00 UTC · 24 windows/,
  )
  assert.match((await head('--from', '3h')) ?? '', /· 4 windows of 6h/)
  assert.match((await head('--window', '1h')) ?? '', /windows of 1h, one every 30m/)
  const before = await report('before.md', '--to', '2026-01-05T12:00Z')
  assert.match(before, /\*\*✓ ok Nothing to report: no incident in 7 windows\.\*\*/)
})

test('a period without windows is a report that says so', async () => {
  for (const name of ['none.html', 'none.md']) {
    const text = await report(name, '--from', '2027-01-01')
    assert.match(text, /No window was judged in this period\./)
    assert.doesNotMatch(text, /NaN|undefined|Infinity/)
  }
})

test('what cannot be told is said with the nearest name, and exits with 2', async () => {
  const state = ['--state', at('state'), '-o', at('x.html')]
  assert.match(
    await said('--model', 'chrun', ...state),
    /--model: there is no model called "chrun"; did you mean churn\?/,
  )
  assert.match(await said('--window', '2h', ...state), /--window: churn has no windows of "2h" \(windows: 6h, 1h\)/)
  assert.match(await said('--version', '7', ...state), /--version: churn has no version "7" \(versions: \(none\)\)/)
  assert.match(await said('--from', 'monday', ...state), /--from: found "monday"; expected a time such as 2026-11-01/)
  assert.match(await said('--format', 'pdf', ...state), /--format: found "pdf"; expected html or md/)
  assert.match(await said('--state', at('nothing'), '-o', at('x.html')), /there is no state; name its folder/)
  assert.equal((await session(['report', '-c', config, ...state, '--window', '2h'])).code, 2)
})

test('the file is overwritten, and - is stdout', async () => {
  writeFileSync(at('old.md'), 'old')
  assert.match(await report('old.md'), /^# churn/)
  const { stdout } = await session(['report', '-c', config, '--state', at('state'), '-o', '-', '--format', 'md'])
  assert.match(stdout, /^# churn\n/)
})

test('while a daemon runs, its state is reported with what people did', async () => {
  const small = await smallDaemon()
  try {
    await small.ended
    const told = incident({ model: 'small', version: '', since: START + 6 * HOUR, at: START + 7 * HOUR })
    const evidence = told.evidence.map((one) => ({ ...one, window: '6h', end: START + 7 * HOUR }))
    const { id } = told
    small.daemon.store.commit(
      changes({
        incidents: [{ ...told, evidence }],
        transitions: [{ incidentId: id, sequence: 2, change: 'firing', because: 'over the threshold', at: told.at }],
      }),
    )
    const token = join(small.folder, 'operator')
    writeFileSync(token, tokenOf.operator)
    const people = ['--address', `http://127.0.0.1:${small.port}`, '--token-file', token]
    await session(['incidents', 'ack', id, ...people])
    await session(['incidents', 'comment', id, 'the import was late', ...people])
    const { code, stdout, stderr } = await session([
      ...['report', '-c', join(small.folder, 'leeway.yaml'), '--state', join(small.folder, 'state'), '-o', '-'],
      ...['--format', 'md'],
    ])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /\| It fires: over the threshold \| leeway \|/)
    assert.match(stdout, /\| the-operator looks after it \| the-operator \|/)
    assert.match(stdout, /\| the-operator commented: the import was late \| the-operator \|/)
  } finally {
    await small.stop()
  }
})

test('segments are told with their chart and their table, where the model has some', async () => {
  const html = await report('segments.html')
  assertWellFormed(html)
  assert.match(html, /<h2 id="segments">Segments<\/h2>/)
  assert.match(html, /ROC AUC by region, 2 segments, worst first/)
  assert.ok(!html.includes('<b>north'), 'a value of a segment is markup')
  const markdown = await report('segments.md')
  assert.match(markdown, /## Segments\n\nIn the window from 2026-01-07 05:00 UTC to 2026-01-07 11:00 UTC/)
  assert.match(markdown, /\| segment \| ROC AUC by region \| its reference \| verdict \|/)
  assert.match(markdown, /\| south \| 0\.\d+ \(0\.\d+–0\.\d+\) \| 0\.\d+ \| too few rows \| 80 \| 80 \| – \|/)
  assert.ok(!/[^\\]<b>|@here/.test(markdown), 'a value of a segment is markup, or calls somebody')
  const plain = at('plain.yaml')
  writeFileSync(plain, readFileSync(config, 'utf8').replace(', segments: [region]}\n', '}\n'))
  const { code, stdout, stderr } = await session(['report', '-c', plain, '--state', at('state'), '-o', '-'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.doesNotMatch(stdout, /id="segments"/)
})
