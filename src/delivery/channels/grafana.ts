// Messages as annotations of Grafana: a region on every dashboard that asks for the tag, from the moment at which an incident fires
// to the moment at which it ends.
//
// Grafana has no key by which it would know a repetition: every annotation carries a tag of ours, and is looked for before another
// one is made.

import type { Outbound } from '../../outbound/outbound.ts'
import type { Secret } from '../../secret.ts'
import type { Instant } from '../../time.ts'
import type { Limits } from '../http-post.ts'
import { call, listIn, objectIn, saidBy } from '../http-post.ts'
import type { Digest, Message, Notification } from '../notification.ts'
import type { Outcome, Sender } from '../sender.ts'
import { htmlText, jsonLine, safeLine } from '../text-safety.ts'

export interface GrafanaSettings {
  /** Without a slash at its end. */
  readonly url: string
  /** The token of a service account, as of now. */
  readonly token: () => Secret
  /** On every annotation, beside `leeway`. */
  readonly tags: readonly string[]
  /** One dashboard, or one panel of it; null: every dashboard that asks for the tag. */
  readonly dashboard: { readonly uid: string; readonly panel: number | null } | null
  readonly outbound: Outbound
  readonly timeoutMs?: number
}

/** What an annotation shows. */
interface Annotation {
  /** The tag by which it is found again. */
  readonly mark: string
  readonly time: Instant
  readonly timeEnd: Instant
  readonly tags: readonly string[]
  readonly text: string
}

/** What is kept of an annotation, so that what follows changes it. */
interface Known {
  readonly id: number
  readonly time: Instant
}

const TAG_MAX = 100
const ITEMS_MAX = 40

export function createGrafanaSender(name: string, settings: GrafanaSettings): Sender {
  return {
    name,
    async send(row, signal) {
      const limits = { outbound: settings.outbound, signal, timeoutMs: settings.timeoutMs }
      const annotation = annotationOf(row)
      if (annotation === 'nothing')
        return {
          ...{ result: 'delivered', detail: 'nothing to draw: annotations show when incidents begin, change and end' },
          ...(row.thread !== undefined && { receipt: row.thread }),
        }
      return draw(annotation, readReceipt(row.thread), settings, limits)
    },
    async close() {},
  }
}

async function draw(
  annotation: Annotation,
  receipt: Known | undefined,
  settings: GrafanaSettings,
  limits: Limits,
): Promise<Outcome> {
  const isGone = (outcome: Outcome) => outcome.result === 'refused' && outcome.because.startsWith('404')
  // Of one that was deleted, Grafana says that it is forbidden, for it has nothing to look a permission up by.
  const isForbidden = (outcome: Outcome) => outcome.result === 'refused' && outcome.because.startsWith('403')
  let changed = receipt && (await change(receipt, annotation, settings, limits))
  if (changed !== undefined && !isGone(changed) && !isForbidden(changed)) return changed
  // It is not known which one it is, or somebody has deleted it.
  const found = await find(annotation.mark, settings, limits)
  if (found !== undefined && 'result' in found) return found
  changed = found && (await change(found, annotation, settings, limits))
  if (changed !== undefined && !isGone(changed)) return changed
  return create({ ...annotation, time: (found ?? receipt)?.time ?? annotation.time }, settings, limits)
}

async function find(mark: string, settings: GrafanaSettings, limits: Limits): Promise<Known | Outcome | undefined> {
  let known: Known | undefined
  const outcome = await call(
    request(settings, 'GET', `?type=annotation&limit=1&tags=${encodeURIComponent(mark)}`),
    limits,
    (answer) => {
      const list = listIn(answer)
      if (list === undefined) return notGrafana(answer)
      const [first] = list as ReadonlyArray<{ id?: unknown; time?: unknown } | null>
      if (typeof first?.id === 'number' && typeof first.time === 'number') known = { id: first.id, time: first.time }
      return { result: 'delivered' }
    },
  )
  return outcome.result === 'delivered' ? known : outcome
}

function create(annotation: Annotation, settings: GrafanaSettings, limits: Limits): Promise<Outcome> {
  const { mark, time, timeEnd, tags, text } = annotation
  const { dashboard } = settings
  const place =
    dashboard === null
      ? {}
      : { dashboardUID: dashboard.uid, ...(dashboard.panel !== null && { panelId: dashboard.panel }) }
  const body = { ...place, time, timeEnd, tags: allTags(mark, tags, settings), text }
  return call(request(settings, 'POST', '', body), limits, (answer) => {
    const id = objectIn(answer)?.['id']
    if (typeof id !== 'number') return notGrafana(answer)
    return { result: 'delivered', detail: `annotation ${id}`, receipt: receiptOf({ id, time }) }
  })
}

function change(known: Known, annotation: Annotation, settings: GrafanaSettings, limits: Limits): Promise<Outcome> {
  const { mark, timeEnd, tags, text } = annotation
  const body = { timeEnd: Math.max(known.time, timeEnd), tags: allTags(mark, tags, settings), text }
  return call(request(settings, 'PATCH', `/${known.id}`, body), limits, (answer) => {
    if (objectIn(answer) === undefined) return notGrafana(answer)
    return { result: 'delivered', detail: `annotation ${known.id} changed`, receipt: receiptOf(known) }
  })
}

function request({ url, token }: GrafanaSettings, method: 'GET' | 'POST' | 'PATCH', rest: string, body?: object) {
  return {
    ...{ url: `${url}/api/annotations${rest}`, method },
    headers: { authorization: `Bearer ${token().reveal()}`, accept: 'application/json' },
    body: body === undefined ? '' : jsonLine(body),
  }
}

function allTags(mark: string, tags: readonly string[], settings: GrafanaSettings): string[] {
  return [...new Set(['leeway', mark, ...settings.tags, ...tags.map((tag) => safeLine(tag, TAG_MAX))])]
}

/** `42@1763647500000` */
function receiptOf({ id, time }: Known): string {
  return `${id}@${time}`
}

function readReceipt(text: string | undefined): Known | undefined {
  const [, id, time] = /^(\d{1,15})@(\d{1,15})$/.exec(text ?? '') ?? []
  return id === undefined ? undefined : { id: Number(id), time: Number(time) }
}

function notGrafana(answer: Parameters<typeof saidBy>[0]): Outcome {
  return { result: 'retry', because: `what answered does not speak as Grafana does: ${saidBy(answer)}` }
}

/** What a row draws. */
function annotationOf({ key, envelope }: Notification): Annotation | 'nothing' {
  switch (envelope.kind) {
    case 'message':
      return annotationOfMessage(key, envelope.message)
    case 'group': {
      const { title, messages } = envelope
      const times = messages.map(({ at }) => at)
      const items = messages.map((message) => message.title)
      const text = textOf({ title, paragraphs: [], items, link: null })
      const tags = ['incidents', ...new Set(messages.map(({ model }) => model))].slice(0, 10)
      return { mark: key, time: Math.min(...times), timeEnd: Math.max(...times), tags, text }
    }
    case 'digest':
      return annotationOfDigest(key, envelope.digest)
  }
}

function annotationOfMessage(key: string, message: Message): Annotation | 'nothing' {
  const { change, incidentId, model, kind, severity, at, title, paragraphs, features, link } = message
  const text = textOf({ title, paragraphs, items: features.map(({ name, detail }) => `${name}: ${detail}`), link })
  switch (change) {
    case 'reminder':
    case 'escalation':
    case 'handled':
      return 'nothing'
    case 'retraining':
      return { mark: key, time: at, timeEnd: at, tags: ['retraining', model], text }
    default:
      return { mark: `incident:${incidentId}`, time: at, timeEnd: at, tags: [model, kind, severity], text }
  }
}

function annotationOfDigest(key: string, { title, model, from, to, paragraphs, figures, link }: Digest): Annotation {
  const items = figures.map(({ name, value }) => `${name}: ${value}`)
  return {
    mark: key,
    time: from,
    timeEnd: to,
    tags: ['digest', model],
    text: textOf({ title, paragraphs, items, link }),
  }
}

/** Grafana shows the text of an annotation as HTML. */
function textOf({
  title,
  paragraphs,
  items,
  link,
}: {
  title: string
  paragraphs: readonly string[]
  items: readonly string[]
  link: string | null
}): string {
  const more = items.length > ITEMS_MAX ? [`and ${items.length - ITEMS_MAX} more`] : []
  const lines = [
    `<b>${htmlText(title, 300)}</b>`,
    ...paragraphs.slice(0, 5).map((paragraph) => htmlText(paragraph, 500)),
    ...items.slice(0, ITEMS_MAX).map((item) => `• ${htmlText(item)}`),
    ...more,
  ]
  const open = link === null ? '' : `\n<a href="${htmlText(link, 2_000)}">Open in Leeway</a>`
  return `${lines.join('\n')}${open}`
}
