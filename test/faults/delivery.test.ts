// Messages through SIGKILL, refusals and resets: none is lost, and what comes again comes under its key and says the same.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { openDatabase } from '../../src/store/database.ts'
import { seeded, testSeed } from '../build/random.ts'
import type { Received } from '../build/receivers.ts'
import { receiver } from '../build/receivers.ts'
import { stateDirectory } from '../store/state-directory.ts'
import { isFull, proved } from './proof.ts'
import { markOf, story } from './told-story.ts'

const child = join(import.meta.dirname, 'drain-until-killed.ts')
const sizes = isFull ? { kills: 150, incidents: 1_000 } : { kills: 25, incidents: 200 }
/** Messages that are sent at the same time. */
const LANES = 4
/** Killed before it begins to send. */
const EARLY_SHARE = 0.1
const EARLY_MS = 400
const SENDING_MS = 250
const FAILS_BEFORE = 0.05
const FAILS_AFTER = 0.03

interface Ledger {
  readonly url: string
  /** What took effect. */
  readonly effects: Received[]
  /** Effects that were not acknowledged. */
  ambiguous(): number
}

/** Refuses one in twenty, and of the others leaves three in a hundred without an answer. */
async function ledger(t: TestContext, random: () => number): Promise<Ledger> {
  const effects: Received[] = []
  let ambiguous = 0
  const hook = await receiver((request, response) => {
    const fate = random()
    if (fate < FAILS_BEFORE / 2) return void response.socket?.resetAndDestroy()
    if (fate < FAILS_BEFORE) return void response.writeHead(503).end()
    effects.push(request)
    if (fate >= FAILS_BEFORE + FAILS_AFTER) return void response.end()
    ambiguous++
    response.socket?.resetAndDestroy()
  })
  t.after(() => hook.close())
  return { url: hook.url, effects, ambiguous: () => ambiguous }
}

interface Life {
  readonly state: string
  readonly url: string
  readonly from: number
  readonly to: number
  readonly how: string
}

/** @param killed after so many milliseconds from its start, or from when it is ready; left out: it ends when all is sent */
async function live(
  { state, url, from, to, how }: Life,
  killed?: { readonly afterMs: number; readonly isEarly: boolean },
): Promise<void> {
  const process_ = spawn(process.execPath, [child, state, url, String(from), String(to), how], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let failed = ''
  const ended = new Promise<void>((resolve) => process_.on('close', () => resolve()))
  const kill = () => process_.kill('SIGKILL')
  if (killed?.isEarly) setTimeout(kill, killed.afterMs)
  let isReady = false
  process_.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (killed === undefined) return void (said.includes('done') && kill())
    if (isReady || killed.isEarly || !said.includes('ready')) return
    isReady = true
    setTimeout(kill, killed.afterMs)
  })
  process_.stderr.setEncoding('utf8').on('data', (text: string) => {
    failed += text
  })
  await ended
  assert.equal(failed, '')
}

interface Found {
  readonly wrong: readonly string[]
  readonly duplicates: number
  readonly together: number
}

/** What the receiver was told against what the state says, and what was to be told. */
function compare(state: string, { effects }: Ledger, incidents: number): Found {
  const wrong: string[] = []
  const bodies = new Map<string, string>()
  let duplicates = 0
  for (const { headers, body } of effects) {
    const key = String(headers['webhook-id'])
    const before = bodies.get(key)
    if (before === undefined) bodies.set(key, body)
    else duplicates++
    if (before !== undefined && before !== body) wrong.push(`${key} said something else when it came again`)
  }
  const db = openDatabase(state, { readOnly: true })
  const rows = db.prepare('SELECT key, state, batch FROM outbox').all() as Array<Record<string, string | null>>
  db.close()
  const known = new Map(rows.map((row) => [row['key'], row]))
  const sentAs = new Set<string>()
  for (let incident = 0; incident < incidents; incident++) {
    for (const step of story.keys()) {
      const row = known.get(`i${incident}:${step + 1}:receiver`)
      if (row?.['state'] !== 'delivered') wrong.push(`${incident}/${step} is ${row?.['state']}`)
      const key = row?.['batch'] ?? ''
      sentAs.add(key)
      if (!(bodies.get(key) ?? '').includes(markOf(incident, step))) wrong.push(`${incident}/${step} never arrived`)
    }
  }
  for (const key of bodies.keys()) if (!sentAs.has(key)) wrong.push(`${key} arrived, and nothing is known of it`)
  return { wrong, duplicates, together: rows.length - sentAs.size }
}

async function underFire(
  t: TestContext,
  { seed, kills, incidents, how = 'sound' }: { seed: number; kills: number; incidents: number; how?: string },
): Promise<Found & { readonly ambiguous: number }> {
  const random = seeded(seed)
  const state = stateDirectory(t)
  const told = await ledger(t, random)
  const life = { state, url: told.url, how }
  for (let i = 0; i < kills; i++) {
    const [from, to] = [i, i + 1].map((part) => Math.floor((part * incidents) / kills)) as [number, number]
    const isEarly = random() < EARLY_SHARE
    await live(
      { ...life, from: Math.max(0, from - 3), to },
      { afterMs: random() * (isEarly ? EARLY_MS : SENDING_MS), isEarly },
    )
  }
  await live({ ...life, from: 0, to: incidents })
  return { ...compare(state, told, incidents), ambiguous: told.ambiguous() }
}

test(`${3 * sizes.incidents} messages through ${sizes.kills} SIGKILLs, refusals and resets: none is lost, and what comes again is the same`, {
  timeout: isFull ? 900_000 : 240_000,
}, async (t) => {
  const { wrong, duplicates, together, ambiguous } = await underFire(t, { seed: testSeed(), ...sizes })
  assert.deepEqual(wrong.slice(0, 5), [])
  const most = sizes.kills * LANES + ambiguous
  assert.ok(duplicates <= most, `${duplicates} duplicates, at most ${most} may be`)
  console.log(`${duplicates} duplicates (at most ${most}), ${together} messages were told together with others`)
  proved({
    promise: 'G3',
    fault: 'SIGKILL while messages are sent; 5 % fail before, 3 % after they took effect',
    size: `${sizes.kills} kills over ${(3 * sizes.incidents).toLocaleString('en')} messages`,
    outcome:
      '0 lost; duplicates within 4 a kill and one for each answer that was lost, all under the same key with the same body',
    test: 'test/faults/delivery.test.ts',
  })
})

for (const how of ['mark-first', 'fresh-keys']) {
  test(`the same checks catch an outbox that is broken: ${how}`, { timeout: 240_000 }, async (t) => {
    let wrong: readonly string[] = []
    for (let seed = testSeed(), tries = 0; wrong.length === 0 && tries < 3; tries++, seed++)
      ({ wrong } = await underFire(t, { seed, kills: 6, incidents: 60, how }))
    assert.ok(wrong.length > 0, `${how} went unnoticed`)
  })
}
