import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openSession } from './session.ts'

const leeway = openSession()
const folder = mkdtempSync(join(tmpdir(), 'leeway-check-'))
after(() => rmSync(folder, { recursive: true }))

const bad = join(folder, 'bad.yaml')
writeFileSync(
  bad,
  `apiVersion: leeway/v1
sources: {history: {type: file, path: a.csv, events: {id: i, time: t}}}
models: {churn: {source: histry, task: binary, reference: {first: 7d}, windows: [{size: 5 mins, slide: 1m}]}}
`,
)
const elsewhere = join(folder, 'elsewhere.yaml')
writeFileSync(
  elsewhere,
  `apiVersion: leeway/v1
sources: {history: {type: file, path: a.csv, events: {id: i, time: t}}}
models: {churn: {source: history, task: binary, reference: {first: 7d}, windows: [{size: 1h, slide: 5m}]}}
channels: {pager: {type: webhook, url: "https://pager.example.org/hook/canary", secretFile: secret}}
`,
)

test('check says what a good document makes leeway do, and exits with 0', async () => {
  const { code, stdout, stderr } = await leeway(['check'])
  assert.match(stderr, /^(replaying the alarm policy of california on its reference: .*\n)*$/)
  assert.equal(code, 0)
  assert.match(stdout, /^config\/leeway\.yaml is valid\n/)
  assert.match(stdout, /production {2}kafka localhost:9092, topics predictions \(canonical events\), labels/)
  assert.match(
    stdout,
    /california {2}binary, events of production; reference examples\/california\/reference\.csv\.gz; windows 90d every 1d/,
  )
})

test('check reports every problem of a bad document at once on stderr, and exits with 2', async () => {
  const { code, stdout, stderr } = await leeway(['check', '-c', bad])
  assert.equal(code, 2)
  assert.equal(stdout, '')
  assert.deepEqual(stderr.split('\n'), [
    'leeway: 2 problems',
    `  ${bad}:3:26: models.churn.source: there is no source called histry; did you mean history? (sources: history)`,
    `  ${bad}:3:89: models.churn.windows[0].size: found "5 mins" (text); expected a duration: a whole number and a unit, such as 90s, 5m, 1h or 7d`,
    '',
  ])
})

test('check reports the problems of settings and of the document together', async () => {
  const { code, stderr } = await leeway(['check'], { LEEWAY_CONFIG: bad, LEEWAY_PORT: 'many' })
  assert.equal(code, 2)
  assert.match(stderr, /^leeway: 3 problems\n {2}LEEWAY_PORT: found "many" \(text\); expected a port/)
})

test('check --json prints a line of JSON for each problem, and one for the result', async () => {
  const { code, stdout, stderr } = await leeway(['check', '--json', '--config', bad])
  assert.deepEqual([code, stderr], [2, ''])
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ type, path, line }) => [type, path, line]),
    [
      ['problem', 'models.churn.source', 3],
      ['problem', 'models.churn.windows[0].size', 3],
      ['check', undefined, undefined],
    ],
  )
  assert.deepEqual(lines[2], { type: 'check', ok: false, problems: 2 })
  const good = await leeway(['check', '--json', '-c', 'examples/california/leeway.yaml'])
  assert.equal(good.code, 0)
  const [rehearsal, result] = good.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { type, ok, models, missingFiles } = result
  assert.deepEqual([type, ok, models[0].name, missingFiles], ['check', true, 'california', []])
  assert.deepEqual(
    [rehearsal.type, rehearsal.model, rehearsal.incidents, rehearsal.withinBudget],
    ['rehearsal', 'california', 0, true],
  )
})

const noisy = join(folder, 'noisy.yaml')
const examples = join(import.meta.dirname, '../../examples/california')
writeFileSync(
  noisy,
  `apiVersion: leeway/v1
sources:
  history:
    type: file
    path: ${examples}/production.csv.gz
    events: {id: id, time: time, score: score, prediction: prediction, label: label, labelTime: label_time}
models:
  california:
    source: history
    task: binary
    positiveClass: "1"
    reference: {file: ${examples}/reference.csv.gz}
    windows: [{size: 5d, slide: 1d}]
    minSamples: 20
    drift: {method: evidently/default}
`,
)

test('check replays the policy on the reference and refuses a model that breaks its budget, unless noise is accepted', async () => {
  const refused = await leeway(['check', '-c', noisy])
  assert.equal(refused.code, 2)
  assert.match(
    refused.stdout,
    /california {2}\d+ in \d+ days of reference, .* MORE THAN THE BUDGET; most of them by drift\//,
  )
  assert.match(refused.stderr, /models\.california: raises more false alarms .* --accept-noise/)
  const accepted = await leeway(['check', '-c', noisy, '--accept-noise'])
  assert.equal(accepted.code, 0)
  const own = await leeway(['check', '-c', 'test/data/wine.yaml'])
  assert.equal(own.code, 0)
  assert.match(own.stdout, /wine {2}0 in 5\.1 days of reference/)
})

test('files that are not on this machine are noted, and are no fault of the document', async () => {
  const { code, stdout, stderr } = await leeway(['check', '-c', elsewhere])
  assert.equal(code, 0)
  assert.deepEqual(stderr.split('\n'), [
    `note: sources.history.path: ${join(folder, 'a.csv')} is not on this machine`,
    `note: channels.pager.secretFile: ${join(folder, 'secret')} is not on this machine`,
    '',
  ])
  assert.match(stdout, /pager {4}webhook https:\/\/pager\.example\.org\n/)
  assert.doesNotMatch(stdout, /canary/)
})

test('types of columns are held against the reference: an unknown column is refused, one that cannot be watched is told', async () => {
  const withColumns = (columns: string) => {
    const file = join(folder, 'columns.yaml')
    writeFileSync(
      file,
      readFileSync(noisy, 'utf8').replace('drift: {method: evidently/default}', `columns: ${columns}`),
    )
    return leeway(['check', '-c', file])
  }
  const unknown = await withColumns('{MedIn: numeric}')
  assert.equal(unknown.code, 2)
  assert.match(
    unknown.stderr,
    /models\.california\.columns\.MedIn: the reference has no such column; did you mean MedInc\? \(columns: .*MedInc, /,
  )
  const unfit = await withColumns('{MedInc: embedding}')
  assert.equal(unfit.code, 0)
  assert.match(
    unfit.stdout,
    /columns that are not watched\n {2}california: MedInc: it is set to embedding, but holds no lists of numbers in the reference; a cell of text \(CSV\) is no list\n/,
  )
})
