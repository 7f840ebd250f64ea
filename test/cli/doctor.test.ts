import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/database.ts'
import { examine } from '../../src/store/doctor/examine.ts'
import type { Finding } from '../../src/store/doctor/finding.ts'
import { attempt } from '../../src/store/doctor/finding.ts'
import { held } from '../../src/store/rebuild.ts'
import { openStore } from '../../src/store/store.ts'
import { StoreError, storeError } from '../../src/store/store-error.ts'
import { changes, notification } from '../store/changes.ts'
import { putOldState } from '../store/old-state.ts'
import { stateDirectory } from '../store/state-directory.ts'
import { leeway } from './run.ts'

const look = (directory: string) => examine(directory, { freeMinBytes: 0 })
const of = (findings: readonly Finding[], check: string) => findings.filter((one) => one.check === check)

test('a running state is examined without being disturbed, and who runs on it is named', async (t) => {
  const directory = stateDirectory(t)
  const store = openStore(directory)
  t.after(() => store.close())
  const position = { source: 's', topic: 't', partition: 3, nextOffset: 7, highestTime: 0, last: null }
  const record = {
    source: 's',
    topic: 't',
    partition: 3,
    offset: 5,
    reason: 'not_json',
    detail: '',
    at: 1,
    range: null,
  }
  store.commit(
    changes({
      positions: [position],
      documents: [{ name: 'watermark/s', json: '60000' }],
      quarantine: [{ ...record, sample: Uint8Array.of(1) }],
      notifications: [notification({ key: 'a', lane: 'a' }), notification({ key: 'b', lane: 'b' })],
    }),
  )
  store.outbox.dead('a', 1, 'gone')
  const { stdout, code } = await leeway(['doctor', '--state', directory, '--json'])
  assert.equal(code, 0)
  const findings = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(findings.at(-1), { type: 'summary', state: directory, broken: 0, warnings: 1, notes: 2 })
  assert.match(of(findings, 'holder')[0]?.found ?? '', new RegExp(`is running on it \\(pid ${process.pid} on`))
  assert.match(
    of(findings, 'position')[0]?.found ?? '',
    /s: t\/3 up to offset 7, newest prediction 1970-01-01T00:00:00.000Z, watermark of the source 1970-01-01T00:01/,
  )
  assert.equal(of(findings, 'quarantine')[0]?.found, 'not_json 1')
  assert.match(of(findings, 'outbox')[2]?.found ?? '', /1 messages were given up/)
})

test('messages that are held while the state is rebuilt are told as that, not as messages that nobody takes', async (t) => {
  const directory = stateDirectory(t)
  const store = openStore(directory)
  t.after(() => store.close())
  store.rebuild.begin()
  store.commit(changes({ notifications: [held(notification({ key: 'a', lane: 'a' }))] }))
  const found = of(await look(directory), 'rebuild')
  assert.match(found[0]?.found ?? '', /is being rebuilt; 1 message is held until every partition was read to its end/)
  assert.ok(of(await look(directory), 'outbox').every(({ found }) => !/wait/.test(found)))
})

test('a state of an earlier schema is sound, and the upgrade to come is told', async (t) => {
  const directory = stateDirectory(t)
  putOldState(directory)
  const findings = await look(directory)
  assert.ok(findings.every(({ severity }) => severity === 'ok' || severity === 'note'))
  assert.match(of(findings, 'schema')[0]?.advice ?? '', /upgrades it, after a copy/)
})

test('what lists a state refuses one of an earlier schema, and says what to do; nothing is changed', async (t) => {
  const directory = stateDirectory(t)
  putOldState(directory)
  for (const command of [['positions', 'list'], ['dump'], ['dump', '--exact']]) {
    const { stdout, stderr, code } = await leeway([...command, '--state', directory])
    assert.deepEqual([stdout, code], ['', 1], command.join(' '))
    assert.match(stderr, /has schema 1, this version reads \d+: .* leeway serve upgrades it/)
  }
})

test('damaged rows and files that are no state are broken, with what to do, and the exit code says so', async (t) => {
  const directory = stateDirectory(t)
  const store = openStore(directory)
  store.commit(changes({ counters: [{ name: 'n', model: '', version: '', value: 1 }] }))
  store.close()
  const db = openDatabase(directory)
  db.exec('UPDATE counters SET value = 2')
  db.close()
  const [rows] = of(await look(directory), 'rows')
  assert.equal(rows?.found, 'counters: 1 damaged')
  assert.match(rows?.advice ?? '', /restore the newest backup .* rebuilt from what Kafka still holds/)
  writeFileSync(join(directory, 'leeway.db'), 'text')
  const { stdout, code } = await leeway(['doctor', '--state', directory])
  assert.match(stdout, /^broken {3}database: .*is not a database/m)
  assert.match(stdout, /is broken: 1 of the findings above says why/)
  assert.equal(code, 1)
})

test('what only hinders the look is no reason to throw a state away: the advice to restore is for damage', () => {
  const advice = (error: unknown) =>
    attempt('database', () => {
      throw error
    })[0]?.advice ?? ''
  const sqlite = (errcode: number) => Object.assign(new Error('of SQLite'), { errcode })
  const opening = (errcode: number) => storeError('opening the state', 'leeway.db', sqlite(errcode))
  const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'stat' })
  const [readOnly, cannotOpen, busy, corrupt, noDatabase] = [8, 14, 5, 11, 26]
  for (const error of [opening(readOnly), opening(cannotOpen), opening(busy), sqlite(busy), denied])
    assert.match(advice(error), /^nothing says that the state is damaged/)
  assert.match(advice(new StoreError('newer', 'a newer leeway wrote it')), /^nothing says/)
  for (const error of [opening(corrupt), sqlite(corrupt), opening(noDatabase), new SyntaxError('JSON')])
    assert.match(advice(error), /restore the newest backup/)
})
