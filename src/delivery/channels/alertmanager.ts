// Messages as alerts of Prometheus Alertmanager (API v2), which routes, groups and silences them itself.
//
// An alert holds for three days without news of us, so that nothing looks mended because leeway stands still. Alertmanager keeps
// alerts in memory alone: what fires is sent again every minute, as Prometheus does, so that one that was restarted, or away, has it
// back; what ended is sent for another five minutes, and to one that is away until it has heard of it after them.

import type { Outbound } from '../../outbound/outbound.ts'
import type { Secret } from '../../secret.ts'
import type { Clock, Instant, Millis } from '../../time.ts'
import { formatInstant, HOUR, MINUTE, SECOND } from '../../time.ts'
import type { Limits } from '../http-post.ts'
import { call } from '../http-post.ts'
import type { Envelope, Message } from '../notification.ts'
import type { Outcome, Sender } from '../sender.ts'
import { jsonLine, labelValue, safeLine } from '../text-safety.ts'

export interface AlertmanagerSettings {
  /** Each Alertmanager of a cluster, without a slash at its end: they do not tell each other of alerts. */
  readonly urls: readonly string[]
  /** The value of the header Authorization, as of now; null = none. */
  readonly authorization: (() => Secret) | null
  /** What each label `severity` says. */
  readonly severities: Readonly<Record<Message['severity'], string>>
  /** On every alert. */
  readonly labels: Readonly<Record<string, string>>
  readonly outbound: Outbound
  readonly clock: Clock
  /** Calls `wake` after a while; returns how to call it off. */
  readonly schedule: (wake: () => void, after: Millis) => () => void
  readonly memory?: AlertMemory
  readonly timeoutMs?: number
}

/** What is known of alerts beyond this process. */
export interface AlertMemory {
  /** What this channel has delivered about incidents that go on, oldest first. */
  told(): readonly Envelope[]
  /** Incidents that go on. */
  openIncidents(): ReadonlySet<string>
}

/** As long as a message is tried. One that was told that an alert fires ends it by itself after that. */
const HOLDS_MS: Millis = 72 * HOUR
const AGAIN_EVERY_MS: Millis = MINUTE
const ENDED_AGAIN_MS: Millis = 5 * MINUTE
const AGAIN_TIMEOUT_MS = 10 * SECOND
/** Alerts in one request. */
const BATCH = 64

/** An alert that Alertmanager was told of. */
interface Alert {
  readonly message: Message
  readonly startsAt: Instant
  /** null while it fires. */
  readonly endedAt: Instant | null
}

export function createAlertmanagerSender(name: string, settings: AlertmanagerSettings): Sender {
  const { clock, schedule, memory, severities, outbound, timeoutMs } = settings
  const closing = new AbortController()
  let alerts: Map<string, Alert> | undefined
  /** By address: alerts whose end has been taken there after `ENDED_AGAIN_MS`. */
  const ended = new Map(settings.urls.map((url) => [url, new WeakSet<Alert>()]))
  let callOff = () => {}
  let sending: Promise<unknown> = Promise.resolve()

  /** What fired when this process was started fires on. */
  function known(): Map<string, Alert> {
    if (alerts === undefined) {
      alerts = new Map()
      for (const message of messagesOf(memory?.told() ?? [])) take(alerts, message, { now: clock(), severities })
      for (const [id, { endedAt }] of alerts) if (endedAt !== null) alerts.delete(id)
    }
    return alerts
  }

  async function sendAgain(): Promise<void> {
    const now = clock()
    const open = memory?.openIncidents()
    for (const [id, alert] of known()) {
      // This channel may never be told of its end: it was silenced.
      if (alert.endedAt === null && open?.has(alert.message.incidentId) === false)
        known().set(id, { ...alert, endedAt: now })
    }
    await Promise.all([...ended].map(([url, heard]) => tellAgain(url, heard, now)))
    for (const [id, alert] of known()) if (isForgotten(alert, now)) known().delete(id)
  }

  async function tellAgain(url: string, heard: WeakSet<Alert>, now: Instant): Promise<void> {
    const due = [...known().values()].filter((alert) => !heard.has(alert))
    if (due.length === 0) return
    const limits = { outbound, signal: closing.signal, timeoutMs: AGAIN_TIMEOUT_MS }
    const { result } = await postTo(url, due, settings, limits)
    if (result !== 'delivered') return
    for (const alert of due) if (alert.endedAt !== null && now - alert.endedAt > ENDED_AGAIN_MS) heard.add(alert)
  }

  function isForgotten(alert: Alert, now: Instant): boolean {
    if (alert.endedAt === null) return false
    return now - alert.endedAt > HOLDS_MS || [...ended.values()].every((heard) => heard.has(alert))
  }

  function again(): void {
    callOff = schedule(() => {
      // A store that cannot be read ends the process by itself.
      sending = sendAgain()
        .catch(() => {})
        .finally(() => {
          if (!closing.signal.aborted) again()
        })
    }, AGAIN_EVERY_MS)
  }

  return {
    name,
    start: again,
    async send({ envelope }, signal) {
      if (envelope.kind !== 'message' && envelope.kind !== 'group')
        return { result: 'refused', because: 'Alertmanager takes alerts only' }
      const changed = messagesOf([envelope]).flatMap((message) => take(known(), message, { now: clock(), severities }))
      if (changed.length === 0) return { result: 'delivered', detail: 'nothing to send: no alert changes by this' }
      return postAll(changed, settings, { outbound, signal, timeoutMs })
    },
    async close() {
      callOff()
      closing.abort()
      await sending
    },
  }
}

function messagesOf(envelopes: Iterable<Envelope>): Message[] {
  return [...envelopes].flatMap((envelope) => {
    if (envelope.kind === 'message') return [envelope.message]
    return envelope.kind === 'group' ? envelope.messages : []
  })
}

/** Takes a message into the alerts that are known. @returns what Alertmanager has to be told */
function take(
  alerts: Map<string, Alert>,
  message: Message,
  { now, severities }: Pick<AlertmanagerSettings, 'severities'> & { readonly now: Instant },
): Alert[] {
  const { incidentId, change, severity } = message
  const told = alerts.get(incidentId)
  const startsAt = told?.startsAt ?? Math.min(message.at, now - 1)
  switch (change) {
    case 'resolved':
    case 'withdrawn': {
      // Its labels are those under which it fires.
      const ended = { message: { ...message, severity: told?.message.severity ?? severity }, startsAt, endedAt: now }
      alerts.set(incidentId, ended)
      return [ended]
    }
    case 'handled':
    case 'retraining': {
      if (told === undefined || told.endedAt !== null) return []
      const { handling, retraining } = { ...told.message, ...message }
      const news = { ...(handling !== undefined && { handling }), ...(retraining !== undefined && { retraining }) }
      const firing = { ...told, message: { ...told.message, ...news } }
      alerts.set(incidentId, firing)
      return [firing]
    }
    default: {
      const { handling, retraining } = { ...(told?.endedAt === null && told.message), ...message }
      const kept = { ...(handling !== undefined && { handling }), ...(retraining !== undefined && { retraining }) }
      const firing = {
        // What people did about it stays, until it ends.
        message: { ...message, ...kept },
        startsAt: told?.endedAt === null ? startsAt : Math.min(message.at, now - 1),
        endedAt: null,
      }
      alerts.set(incidentId, firing)
      // An alert is its labels: with another severity it is another one, and the first one ends.
      if (told === undefined || told.endedAt !== null) return [firing]
      if (severities[told.message.severity] === severities[severity]) return [firing]
      const replaced = { ...told, endedAt: now }
      alerts.set(`${incidentId} as ${told.message.severity}`, replaced)
      return [replaced, firing]
    }
  }
}

/** To every Alertmanager; one that took it is enough, for the others are told again within a minute. */
async function postAll(alerts: readonly Alert[], settings: AlertmanagerSettings, limits: Limits): Promise<Outcome> {
  if (alerts.length === 0) return { result: 'delivered' }
  const outcomes = await Promise.all(settings.urls.map((url) => postTo(url, alerts, settings, limits)))
  const reached = outcomes.filter(({ result }) => result === 'delivered').length
  if (reached === 0) return worstOf(outcomes)
  return { result: 'delivered', detail: `${reached} of ${outcomes.length} took ${alerts.length} alerts` }
}

/** Of failures: what may have arrived somewhere before what did not, and what may pass before what does not. */
function worstOf(outcomes: readonly Outcome[]): Outcome {
  const retries = outcomes.filter((outcome) => outcome.result === 'retry')
  const worst = retries.find(({ isNotTaken }) => isNotTaken !== true) ?? retries[0] ?? outcomes[0]
  return worst ?? { result: 'refused', because: 'no Alertmanager is named' }
}

async function postTo(
  url: string,
  alerts: readonly Alert[],
  settings: AlertmanagerSettings,
  limits: Limits,
): Promise<Outcome> {
  const { authorization, clock } = settings
  const headers = authorization === null ? {} : { authorization: authorization().reveal() }
  let outcome: Outcome = { result: 'delivered' }
  for (let i = 0; i < alerts.length && outcome.result === 'delivered'; i += BATCH) {
    const body = jsonLine(alerts.slice(i, i + BATCH).map((alert) => alertOf(alert, settings, clock())))
    outcome = await call({ url: `${url}/api/v2/alerts`, headers, body }, limits)
  }
  return outcome
}

function alertOf({ message, startsAt, endedAt }: Alert, settings: AlertmanagerSettings, now: Instant): object {
  const { incidentId, model, version, kind, severity, link } = message
  return {
    labels: {
      ...settings.labels,
      alertname: `Leeway${kind.slice(0, 1).toUpperCase()}${kind.slice(1).replace(/\W/g, '_')}`,
      model: labelValue(model),
      ...(version !== '' && { version: labelValue(version) }),
      kind: labelValue(kind),
      severity: settings.severities[severity],
      incident: incidentId,
    },
    annotations: annotationsOf(message),
    startsAt: formatInstant(startsAt),
    endsAt: formatInstant(endedAt ?? now + HOLDS_MS),
    ...(link !== null && { generatorURL: link }),
  }
}

function annotationsOf({
  title,
  paragraphs,
  features,
  handling,
  retraining,
}: Message): Readonly<Record<string, string>> {
  const texts = {
    summary: safeLine(title, 500),
    description: paragraphs.map((paragraph) => safeLine(paragraph, 2_000)).join('\n'),
    features: features.map(({ name, detail }) => safeLine(`${name}: ${detail}`, 400)).join('\n'),
    acknowledged_by: safeLine(handling?.acknowledgedBy ?? ''),
    assigned_to: safeLine(handling?.assignee ?? ''),
    retraining: safeLine(retraining?.state ?? ''),
  }
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''))
}
