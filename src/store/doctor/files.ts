// What lies in the directory, and who has it.

import { existsSync, statfsSync, statSync } from 'node:fs'
import { databasePath } from '../database.ts'
import { holderOf, inWords, isLocked } from '../lock.ts'
import { copiesOf, unfinishedCopies } from '../migrate.ts'
import { checkFile, judgeFileSystem } from '../place.ts'
import { spaceOf } from '../space.ts'
import type { Finding } from './finding.ts'
import { finding, fine } from './finding.ts'

const MIB = 2 ** 20
/** The log is set back at 64 MiB by every checkpoint: more is held by somebody who reads. */
const LOG_MIB_MAX = 256

export function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`
}

export function examineFiles(directory: string, { freeMinBytes }: { freeMinBytes: number }): Finding[] {
  if (!existsSync(directory))
    return [
      finding(
        'directory',
        'broken',
        `${directory} is not there`,
        'name the state with --state DIR or LEEWAY_STATE_DIR',
      ),
    ]
  return [...place(directory, freeMinBytes), holder(directory), ...database(directory), ...leftovers(directory)]
}

function place(directory: string, freeMinBytes: number): Finding[] {
  const { freeBytes } = spaceOf(directory)
  const fileSystem = judgeFileSystem(statfsSync(directory).type)
  const free = `${mib(freeBytes)} free`
  return [
    fileSystem === null
      ? fine('directory', directory)
      : finding(
          'directory',
          fileSystem.isRefused ? 'broken' : 'warning',
          `${directory} is on ${fileSystem.name}`,
          'locks and shared memory may not hold there: move the state to a local disk',
        ),
    freeBytes >= freeMinBytes
      ? fine('free space', free)
      : finding(
          'free space',
          'warning',
          free,
          'when the disk is full nothing more is read until there is room: free some',
        ),
  ]
}

function holder(directory: string): Finding {
  const last = inWords(holderOf(directory))
  return isLocked(directory)
    ? fine('holder', `a process is running on it${last}`)
    : fine(
        'holder',
        last === '' ? 'nobody has it; who had it is not written down' : `nobody has it; the last was a process${last}`,
      )
}

function database(directory: string): Finding[] {
  const path = databasePath(directory)
  const what = checkFile(path, holderOf(directory)?.hasState ?? false)
  if (what === 'missing')
    return [
      finding('database', 'broken', `${path} is not there`, 'leeway serve makes it, and reads Kafka from the start'),
    ]
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })
  const logBytes = log?.size ?? 0
  const at = new Date(Math.max(statSync(path).mtimeMs, log?.mtimeMs ?? 0)).toISOString()
  return [
    fine('database', `${mib(statSync(path).size)}, last written to ${at}`),
    logBytes <= LOG_MIB_MAX * MIB
      ? fine('log', `${mib(logBytes)} of write-ahead log`)
      : finding(
          'log',
          'warning',
          `${mib(logBytes)} of write-ahead log`,
          'somebody reads for long and holds it: a backup, or an open sqlite3 shell; it shrinks when they have ended',
        ),
  ]
}

function leftovers(directory: string): Finding[] {
  const path = databasePath(directory)
  const found = copiesOf(path).map(({ file, schema }) =>
    finding(
      'copy',
      'note',
      `${file}, ${mib(statSync(file).size)}: the state before the upgrade to schema ${schema}`,
      'to go back: stop, put it in the place of leeway.db, remove leeway.db-wal and leeway.db-shm, and start the earlier version. It may be removed when nobody will',
    ),
  )
  const parts = unfinishedCopies(path).map((file) =>
    finding('copy', 'note', `${file}: a copy that was cut short`, 'the next start removes it'),
  )
  return [...found, ...parts]
}
