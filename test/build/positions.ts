// How far a running daemon has committed, and how much memory it takes; both cheap enough to be asked ten times a second.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Serving } from './serve.ts'
import { until } from './serve.ts'

/** Records that are committed, of all partitions together. */
export function committedRecords(stateDir: string): number {
  const db = new DatabaseSync(join(stateDir, 'leeway.db'), { readOnly: true, timeout: 5_000 })
  try {
    return (db.prepare('SELECT sum(next_offset) AS records FROM positions').get()?.['records'] as number | null) ?? 0
  } finally {
    db.close()
  }
}

export interface Reading {
  readonly ms: number
  /** Time of a processor that the process itself took: the same on a busy machine. */
  readonly cpuMs: number
  /** The most memory it took at any time, in MiB. */
  readonly peakMb: number
}

/** Waits until so many records are committed. */
export async function read(
  serving: Serving,
  options: { state: string; records: number; timeoutMs: number },
): Promise<Reading> {
  const startedAt = performance.now()
  const cpuBefore = cpuMs(serving)
  await until(
    serving,
    async () => (committedRecords(options.state) >= options.records ? true : undefined),
    `${options.records} records to be committed`,
    options.timeoutMs,
  )
  return { ms: performance.now() - startedAt, cpuMs: cpuMs(serving) - cpuBefore, peakMb: peakMemoryMb(serving) }
}

/** User and system time, from ticks of 10 ms. */
function cpuMs({ process }: Serving): number {
  const stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number) as [number, number]
  return 10 * (user + system)
}

function peakMemoryMb({ process }: Serving): number {
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}
