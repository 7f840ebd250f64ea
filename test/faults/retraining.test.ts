// Retraining, ended or failed at each point: SIGKILL at each of its moments, and every way in which a call can go wrong, for
// receivers that keep keys (A), and for those that do not, with and without a list of their runs to look through (B).

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RetrainingFault } from '../../src/assembly/retraining-calls.ts'
import { createRetrainingDesk } from '../../src/assembly/retraining-desk.ts'
import type { Moment } from '../../src/probe.ts'
import { moments } from '../../src/probe.ts'
import type { RetrainingRequest } from '../../src/retraining/request.ts'
import { openStore } from '../../src/store/store.ts'
import { ask } from '../build/http.ts'
import type { LaunchFault, StandIn } from '../build/orchestrator.ts'
import { launchFaults, standInSettings, startStandIn } from '../build/orchestrator.ts'
import { seeded } from '../build/random.ts'
import type { Receiver } from '../build/retraining-rig.ts'
import { createLoop, fire, optionsOf, orchestratorAt } from '../build/retraining-rig.ts'
import { smallDaemon, smallDocument } from '../build/small-daemon.ts'
import { person } from '../retraining/requests.ts'
import { isFull, proved } from './proof.ts'
import { withSeeds } from './seeds.ts'

const ID = 'a41c9d3300000001'
const receivers: readonly Receiver[] = ['A', 'B', 'blind B']
const ours = moments.filter((moment) => moment.startsWith('retraining: '))
const KILLS = isFull ? 50 : 1
const FAILURES = isFull ? 50 : 2
const WAIT_MS = 60_000

interface Wrong {
  readonly receiver: Receiver
  readonly kill?: { readonly at: Moment; readonly times: number }
  readonly launch?: LaunchFault
  /** Statuses that the first looks at runs are answered with. */
  readonly looks?: readonly number[]
  readonly fault?: RetrainingFault | undefined
}

/** What came of one request. */
interface Story {
  readonly effects: number
  readonly wasUnknown: boolean
  readonly toldOfUnknown: boolean
  readonly state: string
  readonly keys: readonly string[]
}

/** One incident, one request, one thing that goes wrong; then whatever is unknown is put right as a person would. */
async function story(wrong: Wrong): Promise<Story> {
  const { receiver, kill, launch, looks = [], fault } = wrong
  const directory = mkdtempSync(join(tmpdir(), 'leeway-retraining-'))
  const standIn = await startStandIn({ receiver: receiver === 'A' ? 'A' : 'B' })
  if (launch !== undefined) standIn.failNext(launch)
  standIn.answerNextLooks(...looks)
  try {
    const before = openStore(directory)
    fire(before)
    before.close()
    if (kill !== undefined) await killed(directory, standIn, wrong)
    return await goOn(directory, standIn, { receiver, fault, timeout: timeoutFor(launch) })
  } finally {
    await standIn.close()
    rmSync(directory, { recursive: true })
  }
}

/** A receiver that hangs is not waited for; others answer, though this machine may be busy. */
function timeoutFor(launch: LaunchFault | undefined): string {
  return launch?.startsWith('hangs') ? '400ms' : '10s'
}

async function killed(directory: string, { url }: StandIn, { receiver, kill, fault }: Wrong): Promise<void> {
  const file = join(import.meta.dirname, '../build/retraining-until-killed.ts')
  const rest = fault === undefined ? [] : [fault]
  const child = spawn(
    process.execPath,
    [file, directory, url, receiver, kill?.at ?? '', String(kill?.times), ...rest],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  const timer = setTimeout(() => child.kill('SIGTERM'), WAIT_MS)
  const [, signal] = await once(child, 'exit')
  clearTimeout(timer)
  assert.equal(signal, 'SIGKILL', `"${kill?.at}" did not come within ${WAIT_MS} ms`)
}

/** The next start of the process, up to where nothing more happens by itself; then a person looks. */
async function goOn(
  directory: string,
  standIn: StandIn,
  { receiver, fault, timeout }: Pick<Wrong, 'receiver' | 'fault'> & { timeout: string },
): Promise<Story> {
  const store = openStore(directory)
  const orchestrator = orchestratorAt(standIn.url, receiver, timeout)
  let loop = createLoop({ store, orchestrator, fault })
  const until = async (isSo: (request: RetrainingRequest) => boolean) => {
    const deadline = Date.now() + WAIT_MS
    for (;;) {
      await loop.idle()
      const request = store.retraining.request(ID) as RetrainingRequest
      if (isSo(request)) return request
      assert.ok(Date.now() < deadline, `it stays ${request.state}: ${request.because}`)
      await sleep(10)
    }
  }
  try {
    const hasLooked = ({ dispatch }: RetrainingRequest) =>
      orchestrator.find === undefined || dispatch?.dueAt === Number.MAX_SAFE_INTEGER
    const stopped = await until(
      (one) => !['asked', 'dispatching'].includes(one.state) && (one.state !== 'unknown' || hasLooked(one)),
    )
    const wasUnknown = stopped.state === 'unknown'
    const toldOfUnknown = store.outbox
      .rowsOf(`${ID}:team`)
      .some(
        ({ envelope }) =>
          envelope.kind === 'message' && /not known whether retraining began/.test(envelope.message.title),
      )
    if (wasUnknown) {
      await loop.stop()
      // What a person has sent again is waited for, however busy this machine is.
      const rig = { store, orchestrator: orchestratorAt(standIn.url, receiver), fault }
      loop = createLoop(rig)
      const desk = createRetrainingDesk({ ...optionsOf(rig), retraining: loop })
      const [run] = standIn.runs
      const found = run === undefined ? 'resend' : 'started'
      assert.equal(desk.resolveUnknown(ID, found, run?.id ?? null, person()).outcome, 'done')
    }
    await until(({ state }) => state === 'running' || state === 'failed' || state === 'succeeded')
    for (const { id } of standIn.runs) standIn.finish(id, 'succeeded')
    const { state } = await until((one) => one.state === 'succeeded' || one.state === 'failed')
    return { effects: standIn.runs.length, wasUnknown, toldOfUnknown, state, keys: standIn.runs.map(({ key }) => key) }
  } finally {
    await loop.stop()
    store.close()
  }
}

/** Exactly one effect: by itself where keys are kept, otherwise perhaps by the word of a person, who then was asked. */
function check({ effects, wasUnknown, toldOfUnknown, state }: Story, wrong: Wrong): void {
  const what = JSON.stringify(wrong)
  assert.equal(effects, 1, `${effects} runs: ${what}`)
  assert.equal(state, 'succeeded', what)
  if (wrong.receiver === 'A') assert.equal(wasUnknown, false, `a person was asked: ${what}`)
  if (wasUnknown) assert.ok(toldOfUnknown, `nobody was told: ${what}`)
}

/** Of so many, some at a time: most of the time of each is waiting. */
async function each<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const next = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, next))
}

const unknowns = { of: 0, told: 0 }

async function shown(wrong: Wrong): Promise<void> {
  const told = await story(wrong)
  check(told, wrong)
  if (!told.wasUnknown) return
  unknowns.of++
  if (told.toldOfUnknown) unknowns.told++
}

const KILLED = 'a process that is killed at any moment of a request leaves one run, or a question to a person'
test(KILLED, () => withSeeds(KILLED, killEverywhere))

async function killEverywhere(seed: number): Promise<void> {
  const random = seeded(seed)
  const kills: Wrong[] = receivers.flatMap((receiver) =>
    ours.flatMap((at) =>
      Array.from({ length: KILLS }, () => {
        // Looks at a run come again and again.
        const times = at.includes('look') ? 1 + Math.floor(random() * 2) : 1
        return { receiver, kill: { at, times } }
      }),
    ),
  )
  await each(kills, 2, shown)
  proved({
    promise: 'G4',
    fault: 'Retraining: SIGKILL at each of its moments, receivers that keep keys and that do not',
    size: `${kills.length} kills (${ours.length} moments, 3 receivers, ${KILLS} each)`,
    outcome: 'exactly one run where keys are kept; otherwise one, and every unknown was put to a person',
    test: 'test/faults/retraining.test.ts',
  })
}

test('a call that fails in any way leaves one run, or a question to a person', async () => {
  const failures: Wrong[] = receivers.flatMap((receiver) =>
    launchFaults.flatMap((launch) =>
      Array.from({ length: FAILURES }, (_, i) => ({ receiver, launch, ...(i % 2 === 1 && { looks: [503] }) })),
    ),
  )
  await each(failures, 8, shown)
  assert.ok(unknowns.of > 0 && unknowns.told === unknowns.of)
  proved({
    promise: 'G4',
    fault: 'Retraining: time-outs, resets, cut-off answers and 4xx/5xx before and after the effect',
    size: `${failures.length} calls (${launchFaults.length} failures, 3 receivers, ${FAILURES} each)`,
    outcome: 'exactly one run where keys are kept; otherwise one, and every unknown was put to a person',
    test: 'test/faults/retraining.test.ts',
  })
})

test('a loop that claims after the call, or that sends again blindly, is noticed', async () => {
  const late: Wrong = {
    ...{ receiver: 'blind B', kill: { at: 'retraining: answered', times: 1 } },
    fault: 'claims after the call',
  }
  const blind: Wrong = { receiver: 'blind B', launch: 'resets after', fault: 'sends again blindly' }
  for (const wrong of [late, blind]) {
    const told = await story(wrong)
    assert.throws(() => check(told, wrong), /2 runs/)
  }
})

test('two approvers, double clicks and two tabs: one dispatch, and the second is told who was first', async () => {
  const standIn = await startStandIn({ receiver: 'B' })
  const small = await smallDaemon()
  const tokens = { ana: 'ana-'.repeat(10), ben: 'ben-'.repeat(10), otto: 'otto-'.repeat(10) }
  try {
    const entry = (name: keyof typeof tokens, role: string) =>
      `- {name: ${name}, role: ${role}, token: ${tokens[name]}}\n`
    writeFileSync(
      join(small.folder, 'tokens.yaml'),
      entry('ana', 'approver') + entry('ben', 'approver') + entry('otto', 'operator'),
    )
    const target = { ...standInSettings(standIn.url, 'B'), approval: 'required' }
    small.write(
      smallDocument({ rest: `network: {allow: [127.0.0.1]}\nretraining: ${JSON.stringify({ small: target })}\n` }),
    )
    await small.daemon.reloadForSignal()
    const post = (who: keyof typeof tokens, path: string, body: object = {}) =>
      ask(small.port, path, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens[who]}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const asked = await post('otto', '/api/v1/models/small/retraining', { because: 'a new vendor' })
    const { request } = JSON.parse(asked.text) as { request: string }
    const path = `/api/v1/retraining/${request}`
    assert.equal((await post('otto', `${path}/approve`)).status, 403)
    const clicks = await Promise.all(
      Array.from({ length: 20 }, (_, i) => post(i % 2 === 0 ? 'ana' : 'ben', `${path}/approve`)),
    )
    const done = clicks.filter(({ status }) => status === 200)
    const late = clicks.filter(({ status }) => status === 409)
    assert.deepEqual([done.length, late.length], [1, 19])
    const [, first = ''] = /approved by (\w+)/.exec(done[0]?.text ?? '') ?? []
    assert.ok(late.every(({ text }) => text.includes(`approved by ${first} at`)))
    await small.daemon.delivered()
    assert.equal(standIn.runs.length, 1)
    const audit = small.daemon.store.views.audit({ limit: 200 })
    const count = (action: string, outcome: string) =>
      audit.filter((row) => row.action === action && row.outcome === outcome).length
    assert.deepEqual(
      [
        count('request retraining', 'done'),
        count('approve retraining', 'asked'),
        count('approve retraining', 'done'),
        count('approve retraining', 'refused'),
      ],
      [1, 20, 1, 19],
    )
    assert.equal(audit.filter(({ outcome }) => outcome === 'denied').length, 1)
    proved({
      promise: 'G4',
      fault: 'Retraining: two approvers, double clicks, two tabs',
      size: '20 approvals at once by 2 people over HTTP',
      outcome: '1 dispatch, 19 were told who was first, each in the audit',
      test: 'test/faults/retraining.test.ts',
    })
  } finally {
    await small.stop()
    await standIn.close()
  }
})
