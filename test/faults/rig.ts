// A topic, a state and a daemon that can be killed, for tests of exactness.

import type { ChildProcess } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { referenceOf } from '../../src/assembly/references.ts'
import { loadDocument } from '../../src/config/load.ts'
import type { Reference } from '../../src/reference/reference.ts'
import { openDatabase } from '../../src/store/database.ts'
import type { LedgerEvent } from '../build/ledger.ts'
import { writeConfiguration } from '../build/ledger.ts'
import { receiver } from '../build/receivers.ts'
import type { Serving } from '../build/serve.ts'
import { kill, serve, until } from '../build/serve.ts'
import { bin } from '../build/state.ts'
import { createTopics, produce } from '../kafka/broker.ts'
import { kafkaAddress } from '../kafka/needs-kafka.ts'

const faultyServe = join(import.meta.dirname, '..', 'build', 'faulty-serve.ts')
/** The channel of the configuration. */
export const CHANNEL = 'receiver'
/** Messages that the daemon sends at the same time, so many may come twice after each kill. */
export const LANES = 4

interface Faults {
  /** Arguments of `faulty-serve.ts`. */
  readonly faults?: readonly string[]
  /** Another state than the rig's own. */
  readonly state?: string
  /** Told of the process before it is ready. */
  readonly spawned?: (child: ChildProcess) => void
}

export interface Rig {
  readonly folder: string
  readonly topic: string
  readonly config: string
  readonly state: string
  readonly reference: Reference
  /** Where every message goes. */
  readonly receiver: Awaited<ReturnType<typeof receiver>>
  produce(events: readonly LedgerEvent[]): Promise<void>
  /** Starts the daemon; undefined when it was killed before it was ready. */
  start(options?: Faults): Promise<Serving | undefined>
}

interface RigOptions {
  readonly partitions: number
  /** The broker that the test talks to, and where the daemon finds it; left out: the broker of all tests. */
  readonly broker?: { readonly address: string; readonly seenByDaemon: string }
  readonly horizon?: string
  readonly idleTimeout?: string
  readonly windows?: string
  /** Columns that tell segments apart. */
  readonly segments?: string
  /** More settings of the source. */
  readonly connection?: string
  readonly env?: Readonly<Record<string, string>>
  /** What the receiver of messages does; left out: it accepts them all. */
  readonly answer?: (response: ServerResponse) => void
}

function shared() {
  const address = kafkaAddress as string
  return { address, seenByDaemon: address }
}

/** Removed when the test ends. */
export async function rig(t: TestContext, name: string, options: RigOptions): Promise<Rig> {
  const { partitions, env = {}, answer = (response) => response.end(), broker = shared(), ...settings } = options
  const { address, seenByDaemon } = broker
  const folder = mkdtempSync(join(tmpdir(), 'leeway-faults-'))
  const topic = `${name}-${process.pid}-${Date.now()}`
  const told = await receiver((_, response) => answer(response))
  t.after(async () => {
    await told.close()
    rmSync(folder, { recursive: true })
  })
  const config = writeConfiguration(folder, { brokers: seenByDaemon, topic, webhook: told.url, ...settings })
  await createTopics(address, [{ topic, partitions }])
  const reference = (await referenceOf(loadDocument(config).models.get('ledger') as never)) as Reference
  const state = join(folder, 'state')
  const environment = {
    LEEWAY_COMMIT_INTERVAL_MS: '50',
    LEEWAY_COMMIT_RECORDS_MAX: '3000',
    LEEWAY_LOG_LEVEL: 'info',
    ...env,
  }
  return {
    folder,
    topic,
    config,
    state,
    reference,
    receiver: told,
    produce: (events) => produce(address, topic, events),
    start: (options = {}) =>
      serve({ config, state, env: environment, script: faultyServe, ...options }).catch((error) => {
        if (error instanceof Error && error.message.includes('ended with SIGKILL')) return undefined
        throw error
      }),
  }
}

/** Records that a state has applied. */
export function applied(state: string): number {
  const db = openDatabase(state, { readOnly: true })
  try {
    return db.prepare('SELECT coalesce(sum(next_offset), 0) AS applied FROM positions').get()?.['applied'] as number
  } finally {
    db.close()
  }
}

/**
 * Reads what is left, waits until nothing is wrong any more (the last windows are looked at when the source has fallen quiet, and
 * the last messages are under way), and stops the daemon.
 *
 * @param faults what is wrong with the state, in words
 */
export async function readRest(
  { start, state }: Pick<Rig, 'start' | 'state'>,
  records: number,
  faults: () => string[] = () => [],
): Promise<string[]> {
  const serving = (await start()) as Serving
  await until(
    serving,
    async () => (applied(state) === records ? true : undefined),
    'all records to be applied',
    300_000,
  )
  let wrong: string[] = []
  const agrees = async () => {
    wrong = faults()
    return wrong.length === 0 ? true : undefined
  }
  await until(serving, agrees, 'a state that agrees with the ledger', 90_000).catch(() => {})
  await kill(serving, 'SIGTERM')
  return wrong
}

/** `leeway dump --exact`. */
export function dumpExactly(state: string): string {
  return execFileSync(process.execPath, [bin, 'dump', '--exact', '--state', state], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
}
