// Says what goes in at which time and what people must be told within which time, on which channel; anything else that is told is a
// failure. The real planner, store, drain, desk and tick, with a clock of its own: months pass in seconds.
//
//   await accept(t, {
//     config: 'routes: [{to: [team], repeat: 1h}]',
//     inputs: [at('0s', fires('a')), at('90m', acknowledges('a', 'anna')), at('3h', resolves('a'))],
//     wanted: [told('team', '0s', 'firing a'), told('team', '1h', 'reminder a'), told('team', '90m', 'handled a'), told('team', '3h', 'resolved a')],
//     until: '4h',
//   })

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { DigestTick } from '../../src/assembly/digest-tick.ts'
import { policyOf } from '../../src/assembly/drain.ts'
import { HandlingDesk } from '../../src/assembly/handling-desk.ts'
import { HandlingTick } from '../../src/assembly/handling-tick.ts'
import { planner } from '../../src/assembly/planner.ts'
import { readDocument } from '../../src/config/load.ts'
import { createDrain } from '../../src/delivery/drain.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import type { Outcome, Sender } from '../../src/delivery/sender.ts'
import type { Effect, Person } from '../../src/handling/deeds.ts'
import type { Matchers } from '../../src/handling/silence.ts'
import type { Incident, Transition } from '../../src/incidents/incident.ts'
import type { Moment } from '../../src/probe.ts'
import type { NegativeControl, Store } from '../../src/store/store.ts'
import { openStore } from '../../src/store/store.ts'
import type { Instant, Millis } from '../../src/time.ts'
import { parseDuration } from '../../src/time.ts'
import { changes } from '../store/changes.ts'
import { stateDirectory } from '../store/state-directory.ts'
import { windowResult } from './metrics.ts'

export const START: Instant = Date.UTC(2026, 0, 5, 12)

/** Something that happens on the stage. */
export type Act = (stage: Stage) => void
interface Input {
  readonly at: Millis
  readonly act: Act
}
interface Wanted {
  readonly channel: string
  readonly from: Millis
  readonly to: Millis
  readonly what: string
  readonly says: RegExp | undefined
}

export interface Play {
  /** YAML of channels (left out: those that are wanted, or that routes name), routes, maintenance, digests, inhibit. */
  readonly config: string
  readonly channels?: readonly string[]
  /** YAML of what a channel has beside its name, by channel. */
  readonly options?: Readonly<Record<string, string>>
  readonly inputs: readonly Input[]
  readonly wanted: readonly Wanted[]
  readonly until: string
  /** Between two ticks. */
  readonly step?: string
  readonly start?: Instant
  /** The process dies at the nth time of this moment, and is started again. */
  readonly dies?: { readonly at: Moment; readonly nth: number }
  /** A store that is broken on purpose. */
  readonly negativeControl?: NegativeControl
}

const ms = (text: string): Millis => {
  const parts = text.split(' ').map(parseDuration)
  if (parts.includes(undefined)) throw new Error(`${text} is no time such as 90m or "1d 2h"`)
  return (parts as number[]).reduce((a, b) => a + b, 0)
}

/** At a time since the start: `90m`, `1d 2h`. */
export const at = (time: string, act: Act): Input => ({ at: ms(time), act })
/** Told at a time, or in the minute after it; `what` as `firing a`, `digest credit-risk`. */
export const told = (channel: string, time: string, what: string, says?: RegExp): Wanted => ({
  channel,
  from: ms(time),
  to: ms(time) + 60_000,
  what,
  says,
})

/** @param about left out: an alarm about drift of `income` in `credit-risk 7` */
export const fires =
  (name: string, about: Partial<Incident> = {}): Act =>
  (stage) =>
    stage.happens(name, 'firing', about)
export const worsens =
  (name: string, about: Partial<Incident> = {}): Act =>
  (stage) =>
    stage.happens(name, 'update', about)
export const resolves =
  (name: string): Act =>
  (stage) =>
    stage.happens(name, 'resolved', {})

export const acknowledges =
  (name: string, who: string): Act =>
  (stage) =>
    done(stage.desk.acknowledge(name, stage.person(who)))
export const takesBack =
  (name: string, who: string): Act =>
  (stage) =>
    done(stage.desk.unacknowledge(name, stage.person(who)))
export const snoozes =
  (name: string, who: string, lasting: string): Act =>
  (stage) =>
    done(stage.desk.snooze(name, stage.now + ms(lasting), stage.person(who)))
export const comments =
  (name: string, who: string, text: string): Act =>
  (stage) =>
    done(stage.desk.comment(name, text, stage.person(who)))
/** @param id a name of the play */
export const silences =
  (id: string, matchers: Matchers, lasting: string): Act =>
  (stage) =>
    stage.silences(id, matchers, ms(lasting))
export const endsSilence =
  (id: string): Act =>
  (stage) =>
    stage.endsSilence(id)
/** The process is killed and started again. */
export const restarts: Act = (stage) => stage.restart()
/** Nothing runs for so long. */
export const rests =
  (lasting: string): Act =>
  (stage) => {
    stage.restsUntil = stage.now + ms(lasting)
  }
export const breaks =
  (channel: string): Act =>
  (stage) =>
    void stage.broken.add(channel)
/** It takes nothing any more, and says so at once. */
export const refuses =
  (channel: string): Act =>
  (stage) =>
    void stage.refusing.add(channel)
/** The configuration does not have the model any more. */
export const removes =
  (model: string): Act =>
  (stage) =>
    void stage.watched.delete(model)
export const mends =
  (channel: string): Act =>
  (stage) =>
    void (stage.broken.delete(channel) || stage.refusing.delete(channel))

function done(effect: Effect): void {
  assert.equal(effect.outcome, 'done', effect.detail)
}

class Killed extends Error {}

interface Heard {
  readonly key: string
  readonly channel: string
  readonly at: Millis
  readonly what: string
  readonly title: string
}

/** Windows of an hour, one after the other, each with a hundred rows and their labels. */
export const windows =
  (model: string, lasting: string): Act =>
  (stage) =>
    stage.windows(model, ms(lasting))

/** What the inputs of a play act on. */
export class Stage {
  readonly #play: Play
  readonly #directory: string
  readonly #document: ReturnType<typeof readDocument>
  readonly #incidents = new Map<string, Incident>()
  readonly #silences = new Map<string, string>()
  readonly broken = new Set<string>()
  readonly refusing = new Set<string>()
  readonly watched: Set<string>
  readonly heard: Heard[] = []
  now: Instant
  restsUntil: Instant = Number.NEGATIVE_INFINITY
  #requests = 0
  #deaths: number
  #store!: Store
  #drain!: ReturnType<typeof createDrain>
  #tick!: HandlingTick
  #digests!: DigestTick
  desk!: HandlingDesk
  #failed: unknown

  constructor(play: Play, directory: string) {
    this.#play = play
    this.#directory = directory
    this.#document = readDocument(documentOf(play), join(directory, 'leeway.yaml'))
    this.watched = new Set(this.#document.models.keys())
    this.now = play.start ?? START
    this.#deaths = play.dies?.nth ?? 0
    this.#open()
  }

  #open(): void {
    const document = this.#document
    const clock = () => this.now
    this.#store = openStore(join(this.#directory, 'state'), {
      ...this.#play.negativeControl,
      probe: (moment) => {
        if (moment === this.#play.dies?.at && --this.#deaths === 0) throw new Killed(moment)
      },
    })
    const shared = {
      store: this.#store,
      settings: () => document,
      publicUrl: null,
      clock,
      queued: () => {},
      models: () => [...this.watched],
    }
    this.desk = new HandlingDesk(shared)
    this.#tick = new HandlingTick({ ...shared, desk: this.desk, steady: () => 0 })
    this.#digests = new DigestTick(shared)
    this.#drain = createDrain({
      outbox: this.#store.outbox,
      policyOf: (channel) => policyOf(document, channel, false),
      mayTell: this.desk.mayTell,
      senders: new Map([...document.channels.keys()].map((name) => [name, this.#sender(name)])),
      clock,
      random: () => 0,
      schedule: () => () => {},
      onOutcome: () => {},
      onFailure: (error) => {
        this.#failed = error
      },
      mayPass: () => false,
      onTrouble: () => {},
    })
  }

  #sender(name: string): Sender {
    return {
      name,
      close: async () => {},
      send: async (row): Promise<Outcome> => {
        if (this.broken.has(name)) return { result: 'retry', because: 'it is broken', retryAfterMs: 60_000 }
        if (this.refusing.has(name)) return { result: 'refused', because: 'it does not take this' }
        this.heard.push(...this.#heardIn(row))
        return { result: 'delivered' }
      },
    }
  }

  #heardIn({ key, envelope }: Notification): Heard[] {
    const time = this.now - (this.#play.start ?? START)
    const one = (what: string, title: string): Heard => ({ key, channel: envelope.channel, at: time, what, title })
    switch (envelope.kind) {
      case 'message': {
        const { change, incidentId, title, paragraphs } = envelope.message
        return [one(`${change} ${incidentId}`, [title, ...paragraphs].join('\n'))]
      }
      case 'group':
        return [one(`group of ${envelope.messages.length}`, envelope.title)]
      case 'digest':
        return [
          one(
            `digest ${envelope.digest.model}`,
            [
              envelope.digest.title,
              ...envelope.digest.paragraphs,
              ...envelope.digest.figures.map(({ name, value }) => `${name}: ${value}`),
            ].join('\n'),
          ),
        ]
    }
  }

  person(name: string): Person {
    return { name, role: 'operator', via: 'api', remote: '127.0.0.1', request: `r${++this.#requests}` }
  }

  /** A transition, as a commit of the pipeline brings it. */
  happens(name: string, change: 'firing' | 'update' | 'resolved', about: Partial<Incident>): void {
    const before = this.#incidents.get(name)
    const incident: Incident = {
      id: name,
      model: 'credit-risk',
      version: '7',
      kind: 'drift',
      severity: 'alarm',
      since: this.now,
      features: ['income'],
      evidence: [],
      ...before,
      ...about,
      at: this.now,
      state: change === 'resolved' ? 'resolved' : 'firing',
      sequence: (before?.sequence ?? 1) + 1,
    }
    const transition: Transition = { incident, change, because: 'as the play wants it', at: this.now }
    const plan = planner(
      this.#document,
      { settings: { publicUrl: null }, deliver: true, log: { info: () => {} } as never },
      (planned) => planned,
    )(transition, this.now)
    const { sequence, id: incidentId } = incident
    this.#store.commit(
      changes({
        incidents: [incident],
        transitions: [{ incidentId, sequence, change, because: transition.because, at: this.now }],
        notifications: plan.notifications,
      }),
    )
    this.#incidents.set(name, incident)
  }

  /** @param lasting how far they reach from now on */
  windows(model: string, lasting: Millis): void {
    const results = []
    for (let start = this.now; start < this.now + lasting; start += 3_600_000)
      results.push(windowResult({ model, window: '1h', start, end: start + 3_600_000, samples: 100, labelled: 90 }))
    this.#store.commit(changes({ results }))
  }

  silences(id: string, matchers: Matchers, lasting: Millis): void {
    const effect = this.desk.addSilence(
      { matchers, start: this.now, end: this.now + lasting, reason: 'the play wants it' },
      this.person('anna'),
    )
    done(effect)
    this.#silences.set(id, effect.id as string)
  }

  endsSilence(id: string): void {
    done(this.desk.endSilence(this.#silences.get(id) as string, this.person('anna')))
  }

  get hasDied(): boolean {
    return this.#deaths <= 0
  }

  get store(): Store {
    return this.#store
  }

  restart(): void {
    this.#store.close()
    this.#open()
  }

  /** Time stands still until all that follows has been told. A process that dies is started again, and does it anew. */
  async moment(acts: readonly Act[]): Promise<void> {
    for (const act of acts) await this.#survive(() => act(this))
    if (this.now < this.restsUntil) return
    await this.#survive(() => this.#tick.tick())
    await this.#survive(() => this.#digests.tick())
    await this.#drain.idle()
    if (this.#failed !== undefined) throw this.#failed
  }

  async #survive(doing: () => void | Promise<void>): Promise<void> {
    const requests = this.#requests
    try {
      await doing()
    } catch (error) {
      if (!isKill(error)) throw error
      this.restart()
      // Whoever asked asks again, with the same request.
      this.#requests = requests
      await doing()
    }
  }

  async end(): Promise<void> {
    await this.#drain.stop()
    this.#store.close()
  }
}

function isKill(error: unknown): boolean {
  return error instanceof Killed || (error instanceof Error && error.cause instanceof Killed)
}

function documentOf({ config, channels, wanted, options = {} }: Play): string {
  const names = channels ?? [...new Set(wanted.map(({ channel }) => channel))]
  const all = names.length === 0 ? ['team'] : names
  return `apiVersion: leeway/v1
sources:
  stream: {type: kafka, brokers: [localhost:9092], topics: [events], events: canonical}
models:
  credit-risk: &model {source: stream, task: binary, positiveClass: bad, reference: {first: 7d}, windows: [{size: 1h, slide: 5m}]}
  churn: *model
channels:
${all.map((name) => `  ${name}: {type: console${name in options ? `, ${options[name]}` : ''}}`).join('\n')}
${config}
`
}

/** Plays it, and compares what was told with what was wanted. @returns what can be looked at further, before the play ends */
export async function accept(t: TestContext, play: Play, look?: (stage: Stage) => void | Promise<void>): Promise<void> {
  const directory = stateDirectory(t)
  const stage = new Stage(play, directory)
  const start = stage.now
  try {
    const step = ms(play.step ?? '1m')
    const end = ms(play.until)
    const times = new Set([...play.inputs.map((input) => input.at), end])
    for (let time = 0; time <= end; time += step) times.add(time)
    for (const time of [...times].sort((a, b) => a - b)) {
      stage.now = start + time
      await stage.moment(play.inputs.filter((input) => input.at === time).map(({ act }) => act))
    }
    assert.ok(stage.hasDied, 'the moment of its death did not come')
    compare(play.wanted, stage.heard)
    await look?.(stage)
  } finally {
    await stage.end()
    rmSync(join(directory, 'state'), { recursive: true, force: true })
  }
}

function compare(wanted: readonly Wanted[], heard: readonly Heard[]): void {
  const faults: string[] = []
  const left = [...heard]
  for (const { channel, from, to, what, says } of wanted) {
    const found = left.findIndex(
      (one) =>
        one.channel === channel &&
        one.what === what &&
        one.at >= from &&
        one.at <= to &&
        (says === undefined || says.test(one.title)),
    )
    if (found < 0)
      faults.push(`missing on ${channel} at ${timeText(from)}: ${what}${says === undefined ? '' : ` ${says}`}`)
    else left.splice(found, 1)
  }
  for (const { channel, what, at: time, title } of left)
    faults.push(`not wanted on ${channel} at ${timeText(time)}: ${what} (${title})`)
  assert.deepEqual(faults, [], faults.join('\n'))
}

function timeText(time: Millis): string {
  const [days, rest] = [Math.floor(time / 86_400_000), time % 86_400_000]
  return `${days > 0 ? `${days}d ` : ''}${rest / 60_000}m`
}
