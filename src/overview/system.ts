// How the daemon itself is: what it reads and how far it is behind, what it could not use, what still has to be sent, what it has
// room for. The worst first, in words.

import type { CounterRow } from '../store/changes.ts'
import type { Space } from '../store/space.ts'
import type { DeliveryView } from '../store/views.ts'
import type { Instant, Millis } from '../time.ts'
import { formatInstant } from '../time.ts'

/** A named check of the process, with its reason. */
export interface CheckFacts {
  readonly name: string
  readonly ok: boolean
  readonly because: string
  /** false: the process is ready nevertheless. */
  readonly isVital?: false
}

export interface SourceFacts {
  readonly name: string
  readonly type: string
  readonly models: readonly string[]
  readonly watermark: Instant | undefined
  readonly partitions: ReadonlyArray<{
    readonly topic: string
    readonly partition: number
    readonly nextOffset: number
    /** Not finite where it is not known. */
    readonly endOffset: number
  }>
}

/** Of the last ones, in milliseconds. */
export interface DurationFacts {
  readonly count: number
  readonly medianMs: Millis
  readonly p99Ms: Millis
  readonly maxMs: Millis
}

export interface SystemFacts {
  readonly now: Instant
  readonly version: string
  readonly node: string
  readonly startedAt: Instant
  readonly isReady: boolean
  readonly checks: readonly CheckFacts[]
  readonly sources: readonly SourceFacts[]
  /** What keeps everything from being read, though there is more: `memory`, `outbox`. */
  readonly pausedBy: readonly string[]
  /** Why nothing is taken in for now; null when it is. */
  readonly held: string | null
  readonly counters: readonly CounterRow[]
  readonly join: { readonly waiting: number; readonly waitingMax: number }
  readonly outbox: {
    readonly queued: number
    readonly oldestQueuedAt: Instant | undefined
    /** By channel: 0 takes messages, 1 is tried, 2 takes none. */
    readonly channels: ReadonlyArray<{ readonly name: string; readonly type: string; readonly state: 0 | 1 | 2 }>
    /** The newest ones. */
    readonly deliveries: readonly DeliveryView[]
  }
  readonly store: Space & { readonly directory: string; readonly freeMinBytes: number }
  readonly memoryShare: number
  readonly commits: DurationFacts | null
  readonly evaluations: DurationFacts | null
  readonly configuration: {
    readonly file: string
    readonly hash: string
    readonly since: Instant
    readonly lastReload: { readonly successful: boolean; readonly at: Instant; readonly because: string | null } | null
    /** As it is written, without what could be a secret. */
    readonly text: string
  }
}

export interface SystemView {
  readonly at: string
  readonly version: string
  readonly node: string
  readonly startedAt: string
  readonly uptimeMs: Millis
  readonly isReady: boolean
  readonly status: 'ok' | 'warning' | 'alarm'
  /** What is wrong, the worst first, each in a sentence; empty where all is well. */
  readonly troubles: ReadonlyArray<{
    readonly status: 'warning' | 'alarm'
    readonly what: string
    readonly because: string
  }>
  readonly sources: readonly SourceView[]
  readonly join: { readonly waiting: number; readonly waitingMax: number; readonly evicted: number }
  readonly counts: Readonly<
    Record<'predictions' | 'labels' | 'late' | 'duplicates' | 'unknownModel' | 'ignoredKeys' | 'tombstones', number>
  >
  /** Records that could not be used, by reason, most first. */
  readonly rejected: ReadonlyArray<{ readonly reason: string; readonly records: number }>
  /** Records that were never read, and cannot be any more. */
  readonly lost: ReadonlyArray<{
    readonly source: string
    readonly partition: string
    readonly reason: string
    readonly records: number
  }>
  readonly outbox: {
    readonly queued: number
    readonly oldestMs: Millis | null
    readonly channels: ReadonlyArray<{
      readonly name: string
      readonly type: string
      readonly state: ChannelState
      readonly because: string | null
    }>
    /** Messages that were given up, or are tried again, newest first. */
    readonly failures: ReadonlyArray<
      Omit<DeliveryView, 'queuedAt' | 'endedAt'> & { readonly queuedAt: string; readonly endedAt: string | null }
    >
  }
  readonly store: SystemFacts['store']
  /** Memory used, of the nearer limit. */
  readonly memoryShare: number
  readonly commits: DurationFacts | null
  readonly evaluations: DurationFacts | null
  readonly checks: readonly CheckFacts[]
  readonly configuration: {
    readonly file: string
    readonly hash: string
    readonly since: string
    readonly lastReload: { readonly successful: boolean; readonly at: string; readonly because: string | null } | null
    readonly text: string
  }
}

type ChannelState = 'takes messages' | 'is tried' | 'takes none'

export interface SourceView {
  readonly name: string
  readonly type: string
  readonly models: number
  readonly status: 'reading' | 'waiting' | 'paused' | 'halted' | 'unreadable'
  /** Why it is not simply being read. */
  readonly because: string | null
  readonly watermark: string | null
  /** How far the watermark is behind the clock. */
  readonly watermarkAgeMs: Millis | null
  /** Records that are not applied yet; null while that is not known. */
  readonly lag: number | null
  readonly partitions: ReadonlyArray<{
    readonly topic: string
    readonly partition: number
    readonly nextOffset: number
    readonly endOffset: number | null
    readonly lag: number | null
    /** Why nothing more is read of it; null when it is read. */
    readonly halted: string | null
  }>
  /** Partitions beyond those that are listed: the ones with the least lag. */
  readonly leftOut: number
}

const PARTITIONS_MAX = 200
const FAILURES_MAX = 20

export function systemView(facts: SystemFacts): SystemView {
  const { now, version, node, startedAt, isReady, checks, store, memoryShare, commits, evaluations } = facts
  const sources = facts.sources.map((source) => sourceView(source, facts))
  const troubles = troublesOf(facts, sources)
  return {
    ...{
      at: formatInstant(now),
      version,
      node,
      startedAt: formatInstant(startedAt),
      uptimeMs: Math.max(0, now - startedAt),
    },
    isReady,
    status: troubles[0]?.status ?? 'ok',
    troubles,
    sources,
    ...countsOf(facts),
    outbox: outboxView(facts),
    ...{ store, memoryShare: Number(memoryShare.toFixed(3)), commits, evaluations, checks },
    configuration: configurationView(facts.configuration),
  }
}

function sourceView(
  { name, type, models, watermark, partitions }: SourceFacts,
  { checks, pausedBy, held, now }: SystemFacts,
): SourceView {
  const own = checks.find((check) => check.name === `source ${name}`)
  const haltedOf = (topic: string, partition: number) =>
    checks.find((check) => check.name === `partition ${topic}/${partition} of source ${name}` && !check.ok)?.because ??
    null
  const all = partitions.map(({ topic, partition, nextOffset, endOffset }) => ({
    ...{ topic, partition, nextOffset },
    endOffset: Number.isFinite(endOffset) ? endOffset : null,
    lag: Number.isFinite(endOffset) ? Math.max(0, endOffset - nextOffset) : null,
    halted: haltedOf(topic, partition),
  }))
  const worstFirst = all.toSorted(
    (a, b) =>
      Number(b.halted !== null) - Number(a.halted !== null) ||
      (b.lag ?? 0) - (a.lag ?? 0) ||
      a.topic.localeCompare(b.topic) ||
      a.partition - b.partition,
  )
  const known = all.filter(({ lag }) => lag !== null)
  const halted = worstFirst.filter((one) => one.halted !== null)
  const [status, because] =
    own?.ok === false
      ? (['unreadable', own.because] as const)
      : halted.length > 0
        ? ([
            'halted',
            `nothing more is read of ${halted.map(({ topic, partition }) => `${topic}/${partition}`).join(', ')}`,
          ] as const)
        : held !== null || pausedBy.length > 0
          ? (['paused', pauseText(pausedBy, held)] as const)
          : all.length === 0
            ? (['waiting', null] as const)
            : (['reading', null] as const)
  return {
    ...{ name, type, models: models.length, status, because },
    watermark: watermark === undefined ? null : formatInstant(watermark),
    watermarkAgeMs: watermark === undefined ? null : now - watermark,
    lag: known.length === 0 ? null : known.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
    partitions: worstFirst.slice(0, PARTITIONS_MAX),
    leftOut: Math.max(0, all.length - PARTITIONS_MAX),
  }
}

function pauseText(pausedBy: readonly string[], held: string | null): string {
  const reasons: Readonly<Record<string, string>> = {
    memory: 'memory is short',
    outbox: 'too many messages wait for delivery',
  }
  return pausedBy.length > 0 ? pausedBy.map((one) => reasons[one] ?? one).join('; ') : (held ?? '')
}

/** Checks that failed; vital ones first. What passes and still warns is in the checks. */
function troublesOf(
  { checks, configuration, store }: SystemFacts,
  sources: readonly SourceView[],
): SystemView['troubles'] {
  const failed = checks
    .filter(({ ok }) => !ok)
    .map(({ name, because, isVital }) => ({
      status: isVital === false ? ('warning' as const) : ('alarm' as const),
      what: name,
      because,
    }))
  const paused = sources
    .filter(({ status }) => status === 'paused')
    .map(({ name, because }) => ({
      status: 'warning' as const,
      what: `source ${name} is paused`,
      because: because ?? '',
    }))
  const reload = configuration.lastReload
  const refused =
    reload?.successful === false
      ? [
          {
            status: 'warning' as const,
            what: 'the newest reload of the configuration was refused',
            because: reload.because ?? '',
          },
        ]
      : []
  const tight =
    store.freeBytes < store.freeMinBytes
      ? [
          {
            status: 'warning' as const,
            what: 'little space is free',
            because: checks.find(({ name }) => name === 'free space')?.because ?? '',
          },
        ]
      : []
  return [...failed, ...paused, ...refused, ...tight].sort((a, b) => a.status.localeCompare(b.status))
}

function countsOf({ counters, join }: SystemFacts): Pick<SystemView, 'counts' | 'rejected' | 'lost' | 'join'> {
  const sums = new Map<string, number>()
  for (const { name, value } of counters) sums.set(name, (sums.get(name) ?? 0) + value)
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (sums.get(name) ?? 0), 0)
  const under = (prefix: string) =>
    [...sums].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : []))
  return {
    counts: {
      predictions: of('predictions'),
      labels: of('labels'),
      late: of('late'),
      duplicates: of('duplicate_predictions', 'labels/duplicate'),
      unknownModel: of('unknown_model'),
      ignoredKeys: of('unknown_keys'),
      tombstones: of('tombstones'),
    },
    rejected: under('rejected/')
      .map(([reason, records]) => ({ reason, records }))
      .sort((a, b) => b.records - a.records),
    // Of records that are lost, source and partition stand in the places of model and version.
    lost: counters
      .filter(({ name }) => name.startsWith('lost/'))
      .map(({ name, model, version, value }) => {
        return { source: model, partition: version, reason: name.slice('lost/'.length), records: value }
      }),
    join: { ...join, evicted: of('join_evicted') },
  }
}

const channelStates: Readonly<Record<0 | 1 | 2, ChannelState>> = { 0: 'takes messages', 1: 'is tried', 2: 'takes none' }

function outboxView({ outbox, checks, now }: SystemFacts): SystemView['outbox'] {
  const { queued, oldestQueuedAt, channels, deliveries } = outbox
  return {
    queued,
    oldestMs: oldestQueuedAt === undefined ? null : Math.max(0, now - oldestQueuedAt),
    channels: channels.map(({ name, type, state }) => {
      const check = checks.find((one) => one.name === `channel ${name}`)
      return { name, type, state: channelStates[state], because: check?.ok === false ? check.because : null }
    }),
    failures: deliveries
      .filter(({ state, attempts }) => state === 'dead' || (state === 'queued' && attempts > 0))
      .slice(0, FAILURES_MAX)
      .map(({ queuedAt, endedAt, ...rest }) => ({
        ...rest,
        queuedAt: formatInstant(queuedAt),
        endedAt: endedAt === null ? null : formatInstant(endedAt),
      })),
  }
}

function configurationView({ since, lastReload, ...rest }: SystemFacts['configuration']): SystemView['configuration'] {
  return {
    ...rest,
    since: formatInstant(since),
    lastReload: lastReload === null ? null : { ...lastReload, at: formatInstant(lastReload.at) },
  }
}
