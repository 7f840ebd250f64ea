import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { backupState } from '../../src/store/backup.ts'
import { openDatabase } from '../../src/store/database.ts'
import { openStore } from '../../src/store/store.ts'
import { changes } from './changes.ts'
import { checkState } from './ledger-of-commits.ts'
import { stateDirectory } from './state-directory.ts'

test('a backup of a state that is being committed to is one commit, whole', async (t) => {
  const [directory, restored] = [stateDirectory(t), stateDirectory(t)]
  const child = spawn(process.execPath, [join(import.meta.dirname, 'commit-until-killed.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  t.after(() => child.kill('SIGKILL'))
  let told = 0
  createInterface({ input: child.stdout }).on('line', () => told++)
  while (told < 20) await once(child.stdout, 'data')
  const before = told
  const file = join(restored, 'copy')
  await backupState(directory, file)
  child.kill('SIGKILL')
  await exited
  assert.deepEqual(readdirSync(restored), ['copy'])
  renameSync(file, join(restored, 'leeway.db'))
  assert.ok(checkState(restored) >= before)
})

test('no backup is made of a damaged state, nor over a file that is there', async (t) => {
  const directory = stateDirectory(t)
  const store = openStore(directory)
  store.commit(changes({ documents: [{ name: 'd', json: '1' }] }))
  store.close()
  const file = join(directory, 'copy')
  await backupState(directory, file)
  await assert.rejects(backupState(directory, file), /is there already.*--force/)
  const db = openDatabase(directory)
  db.exec("UPDATE documents SET json = '2'")
  db.close()
  const other = join(directory, 'other')
  await assert.rejects(backupState(directory, other), /the copy is damaged.*table documents.*no backup was made/)
  assert.ok(!existsSync(other) && !existsSync(`${other}.part`))
})

test('a backup never takes the place of the state that it is made of, by whatever name', async (t) => {
  const [directory, elsewhere] = [stateDirectory(t), stateDirectory(t)]
  const store = openStore(directory)
  t.after(() => store.close())
  const link = join(elsewhere, 'link')
  symlinkSync(directory, link)
  for (const file of ['leeway.db', 'leeway.db-wal', 'leeway.db-shm'])
    for (const folder of [directory, link])
      await assert.rejects(backupState(directory, join(folder, file), { force: true }), /is the state itself/)
  store.commit(changes({ documents: [{ name: 'd', json: '1' }] }))
  const db = openDatabase(directory, { readOnly: true })
  t.after(() => db.close())
  assert.equal(db.prepare('SELECT json FROM documents').get()?.['json'], '1')
})
