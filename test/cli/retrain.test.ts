import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { standInSettings, startStandIn } from '../build/orchestrator.ts'
import { documentText } from '../config/document.ts'
import { leeway } from './run.ts'

test('retrain test looks without starting anything, and with --launch follows a run that is marked as a test', async (t) => {
  const standIn = await startStandIn({ receiver: 'B', initial: 'failed' })
  const folder = mkdtempSync(join(tmpdir(), 'leeway-retrain-'))
  t.after(async () => {
    await standIn.close()
    rmSync(folder, { recursive: true })
  })
  const written = (url: string) => {
    const file = join(folder, 'leeway.yaml')
    const retraining = `\n  credit-risk: ${JSON.stringify(standInSettings(url, 'B'))}`
    writeFileSync(file, documentText({ retraining }, 'network: {allow: [127.0.0.1]}'))
    return ['retrain', 'test', '-c', file, '--model', 'credit-risk']
  }
  const looked = await leeway(written(standIn.url))
  assert.deepEqual([looked.code, looked.stdout], [0, 'check   ready: address, login and job are right\n'])
  assert.equal(standIn.counts.launches, 0)

  const launched = await leeway([...written(standIn.url), '--launch', '--json'])
  const steps = launched.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    steps.map(({ type, result }) => `${type} ${result}`),
    ['check ready', 'launch started', 'run failed'],
  )
  assert.equal(launched.code, 1)
  assert.match(JSON.stringify(standIn.runs[0]?.body), /"cause":"test"/)

  const nobody = await leeway(written('http://127.0.0.1:1'))
  assert.equal(nobody.code, 4)
  assert.match(nobody.stdout, /^check {3}unreachable: 127\.0\.0\.1:1: ECONNREFUSED\n$/)
})
