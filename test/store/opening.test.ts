import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/database.ts'
import { judgeFileSystem } from '../../src/store/place.ts'
import { openStore } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { changes } from './changes.ts'
import { stateDirectory } from './state-directory.ts'

const is = (kind: StoreError['kind'], text: RegExp) => (error: unknown) =>
  error instanceof StoreError && error.kind === kind && text.test(error.message)

test("somebody else's database is refused, and not a byte of it is changed", (t) => {
  for (const setUp of ['PRAGMA application_id = 77; CREATE TABLE a (b)', 'CREATE TABLE customers (name)']) {
    const directory = stateDirectory(t)
    const path = join(directory, 'leeway.db')
    const other = new DatabaseSync(path)
    other.exec(setUp)
    other.close()
    const before = readFileSync(path)
    assert.throws(() => openStore(directory), is('unusable', /not of leeway .*--state DIR.*not touched/))
    assert.deepEqual(readFileSync(path), before)
  }
})

test('a file of text, and one that lost its end, are refused with what to do', (t) => {
  const directory = stateDirectory(t)
  const path = join(directory, 'leeway.db')
  writeFileSync(path, 'hello\n')
  assert.throws(() => openStore(directory), is('broken', /is not a database.*restore a backup, or remove it/))
  const cut = stateDirectory(t)
  openStore(cut).close()
  truncateSync(join(cut, 'leeway.db'), 8_192 * 3)
  assert.throws(() => openStore(cut), is('broken', /leeway\.db: .*damaged.*restore a backup/))
})

test('an empty file is a beginning where there was no state, and a loss where there was one', (t) => {
  const directory = stateDirectory(t)
  const path = join(directory, 'leeway.db')
  writeFileSync(path, '')
  openStore(directory).close()
  truncateSync(path, 0)
  assert.throws(() => openStore(directory), is('broken', /is empty, and was not when it was last used/))
})

test('a state that is not there is not made by reading it', (t) => {
  const directory = stateDirectory(t)
  assert.throws(() => openDatabase(directory, { readOnly: true }), is('unusable', /there is no state; name its folder/))
})

test('who has the directory is told to whom it is refused', (t) => {
  const directory = stateDirectory(t)
  const store = openStore(directory)
  t.after(() => store.close())
  assert.throws(() => openStore(directory), is('locked', new RegExp(`pid ${process.pid} on .*, since 2`)))
})

test('network file systems are refused or doubted by name, local ones are not', () => {
  assert.deepEqual(judgeFileSystem(0x6969), { name: 'NFS', isRefused: true })
  // statfs may give the number with a sign.
  assert.deepEqual(judgeFileSystem(0xff534d42 | 0), { name: 'CIFS', isRefused: true })
  assert.deepEqual(judgeFileSystem(0x65735546), { name: 'FUSE', isRefused: false })
  for (const local of [0xef53, 0x01021994, 0x58465342, 0x9123683e, 0x794c7630])
    assert.equal(judgeFileSystem(local), null)
})

test('a directory that this user cannot write to is refused, and says that nothing is lost', {
  skip: process.getuid?.() === 0 ? false : 'only root can become another user',
}, (t) => {
  const directory = stateDirectory(t)
  openStore(directory).close()
  chmodSync(directory, 0o555)
  const script = `import { openStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/store.ts'))}
try { openStore(${JSON.stringify(directory)}) } catch (error) { console.log(error.kind, error.message) }`
  mkdirSync(join(directory, 'x'), { recursive: true })
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    uid: 65_534,
    encoding: 'utf8',
    env: {},
  })
  assert.match(stdout, /^broken .*make the directory and its files writable for this user/, stderr)
})

test('a row that is not what was written is noticed when it is read, and nothing is committed after it', (t) => {
  const directory = stateDirectory(t)
  const before = openStore(directory)
  const pane = { stream: 0, segment: '', part: 'inputs' as const, start: 0, cells: Uint8Array.of(1, 2, 3) }
  before.commit(changes({ panes: [pane], documents: [{ name: 'd', json: '{"sum":4711}' }] }))
  before.close()
  const db = openDatabase(directory)
  db.exec("UPDATE panes SET cells = x'010203ff'; UPDATE documents SET json = '{\"sum\":4712}'")
  db.close()
  const told: string[] = []
  const store = openStore(directory, { onBroken: ({ message }) => told.push(message) })
  t.after(() => store.close())
  assert.throws(() => store.pane(0, '', 'inputs', 0), is('broken', /a row of the table panes .*checksum differs/))
  assert.throws(() => store.document('d'), is('broken', /documents/))
  assert.equal(told.length, 2)
})
