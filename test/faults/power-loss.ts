// A model of power loss: a process is held, its files are copied, and the copy loses the end of its log.

import type { ChildProcess } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

const [db, log, index] = ['leeway.db', 'leeway.db-wal', 'leeway.db-shm']
const LOG_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const PAGE_BYTES = 8_192

/** Copies the state of a running process at one moment. */
export async function snapshot(child: ChildProcess, directory: string, to: string): Promise<void> {
  child.kill('SIGSTOP')
  while (!/\) T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8')))
    await new Promise((resolve) => setImmediate(resolve))
  mkdirSync(to)
  for (const name of [db, log, index]) copyFileSync(join(directory, name), join(to, name))
  child.kill('SIGCONT')
}

/**
 * Copies a snapshot without the end of its log, from a random byte on.
 *
 * What a checkpoint has begun to copy into the database was synced before: a power cut cannot take that. The index in shared memory
 * says how far that is, and is gone after a power cut.
 */
export function cutLog(from: string, to: string, random: () => number): void {
  mkdirSync(to)
  for (const name of [db, log]) copyFileSync(join(from, name), join(to, name))
  const syncedFrames = readFileSync(join(from, index)).readUInt32LE(128)
  const synced = LOG_HEADER_BYTES + syncedFrames * (FRAME_HEADER_BYTES + PAGE_BYTES)
  const size = statSync(join(to, log)).size
  truncateSync(join(to, log), Math.min(size, synced + Math.floor(random() * (size - synced + 1))))
}
