// A server that behaves as Slack does, for Slack's own clients: messages, threads, updates, files, ephemeral answers, Socket Mode.
// It refuses what Slack refuses, and fails in Slack's ways when a test says so.

import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServerSocket } from './websocket.ts'
import { accept } from './websocket.ts'

export interface SlackMessage {
  readonly ts: string
  readonly channel: string
  readonly thread: string | null
  readonly isBroadcast: boolean
  /** As it is now. */
  form: URLSearchParams
  readonly edits: URLSearchParams[]
}

/** How a call is answered otherwise than Slack would: by an error, a status, silence, or a cut before or after its effect. */
export type Trouble =
  | { readonly error: string }
  | { readonly status: number; readonly retryAfter?: number; readonly page?: string }
  | 'hang'
  | 'reset'
  | 'reset after the effect'

export interface SlackOptions {
  readonly botToken?: string
  readonly appToken?: string
  /** Asked before each call; undefined: as Slack would answer. */
  readonly trouble?: (method: string, nth: number) => Trouble | undefined
  /** What apps.connections.open gives out in place of its own address. */
  readonly socketUrl?: () => string
}

const channels: Readonly<Record<string, string>> = { '#ml-alerts': 'C01', C01: 'C01' }

export async function slackServer(options: SlackOptions = {}) {
  const { botToken = 'xoxb-canary-token', appToken = 'xapp-canary-token', trouble, socketUrl } = options
  const messages: SlackMessage[] = []
  const files = new Map<string, { name: string; bytes: Buffer; thread: string | null; alt: string }>()
  const whispers: URLSearchParams[] = []
  const calls: string[] = []
  const acks: Array<{ envelope_id: string }> = []
  const sockets = new Set<ServerSocket>()
  let clock = 0
  let origin = ''
  const waiters = new Set<() => void>()
  const changed = () => {
    for (const wake of waiters) wake()
  }

  const methods: Readonly<Record<string, (form: URLSearchParams) => object>> = {
    'chat.postMessage': (form) => {
      const channel = channels[form.get('channel') ?? '']
      if (channel === undefined) return { ok: false, error: 'channel_not_found' }
      const error = faultOf(form)
      if (error !== undefined) return { ok: false, error }
      const thread = form.get('thread_ts')
      if (thread !== null && !messages.some(({ ts }) => ts === thread)) return { ok: false, error: 'thread_not_found' }
      const ts = `1700000000.${String(++clock).padStart(6, '0')}`
      messages.push({ ts, channel, thread, isBroadcast: form.get('reply_broadcast') === 'true', form, edits: [] })
      return { ok: true, channel, ts, message: {} }
    },
    'chat.update': (form) => {
      // The API takes ids only here.
      const message = messages.find(({ ts, channel }) => ts === form.get('ts') && channel === form.get('channel'))
      if (message === undefined) return { ok: false, error: 'message_not_found' }
      const error = faultOf(form)
      if (error !== undefined) return { ok: false, error }
      message.edits.push(message.form)
      message.form = form
      return { ok: true, channel: message.channel, ts: message.ts }
    },
    'chat.postEphemeral': (form) => {
      whispers.push(form)
      return { ok: true, message_ts: `1700000000.${String(++clock).padStart(6, '0')}` }
    },
    'files.getUploadURLExternal': (form) => {
      const id = `F${files.size + 1}`
      files.set(id, {
        name: form.get('filename') ?? '',
        bytes: Buffer.alloc(0),
        thread: null,
        alt: form.get('alt_text') ?? '',
      })
      return { ok: true, upload_url: `${origin}/upload/${id}`, file_id: id }
    },
    'files.completeUploadExternal': (form) => {
      const wanted = JSON.parse(form.get('files') ?? '[]') as Array<{ id: string }>
      for (const { id } of wanted) {
        const file = files.get(id)
        if (file === undefined || file.bytes.length === 0) return { ok: false, error: 'file_not_found' }
        files.set(id, { ...file, thread: form.get('thread_ts') })
      }
      return { ok: true, files: wanted }
    },
    'apps.connections.open': () => ({ ok: true, url: socketUrl?.() ?? `${origin.replace('http', 'ws')}/link` }),
  }

  function handle(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const path = request.url ?? ''
    if (path.startsWith('/upload/')) {
      const id = path.slice('/upload/'.length)
      const file = files.get(id)
      if (file !== undefined) files.set(id, { ...file, bytes: fileOf(body) })
      calls.push('upload')
      return void response.end(`OK - ${body.length}`)
    }
    const method = path.replace(/^\/api\//, '')
    calls.push(method)
    const failure = trouble?.(method, calls.filter((one) => one === method).length)
    if (failure === 'hang') return
    if (failure === 'reset') return void response.destroy()
    if (typeof failure === 'object' && 'status' in failure) {
      const wait = failure.retryAfter === undefined ? {} : { 'retry-after': String(failure.retryAfter) }
      const page = failure.page ?? JSON.stringify({ ok: false, error: 'ratelimited' })
      return void response.writeHead(failure.status, { 'content-type': 'application/json', ...wait }).end(page)
    }
    const token = method === 'apps.connections.open' ? appToken : botToken
    const answer =
      typeof failure === 'object'
        ? { ok: false, error: failure.error }
        : request.headers.authorization !== `Bearer ${token}`
          ? { ok: false, error: 'invalid_auth' }
          : (methods[method]?.(new URLSearchParams(body.toString())) ?? { ok: false, error: 'unknown_method' })
    changed()
    if (failure === 'reset after the effect') return void response.destroy()
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => handle(request, response, Buffer.concat(pieces)))
  })
  server.on('upgrade', (request, socket) => {
    const link = accept(request, socket, (text) => {
      acks.push(JSON.parse(text))
      changed()
    })
    sockets.add(link)
    socket.on('close', () => {
      sockets.delete(link)
      changed()
    })
    link.send(JSON.stringify({ type: 'hello', num_connections: sockets.size }))
    changed()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    apiUrl: `${origin}/api/`,
    messages,
    files,
    whispers,
    calls,
    acks,
    sockets,
    /** Fulfilled when it is so; looked at after each change. */
    async until(isSo: () => boolean): Promise<void> {
      while (!isSo()) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiters.delete(wake)
            resolve()
          }
          waiters.add(wake)
        })
      }
    },
    /** A user presses a button of a message: the first action whose id ends so. */
    press(
      message: SlackMessage,
      action: string,
      { user = 'U1', id = 'e1', at = '1700000100.000100', chosen = 0 } = {},
    ) {
      const element = actionsOf(message.form).find(({ action_id }) => action_id.endsWith(action))
      if (element === undefined) throw new Error(`there is no button ${action}`)
      const choice = element.options === undefined ? {} : { selected_option: element.options[chosen] }
      const payload = {
        type: 'block_actions',
        user: { id: user },
        channel: { id: message.channel },
        container: { type: 'message', message_ts: message.ts, channel_id: message.channel },
        message: { ts: message.ts },
        actions: [{ type: element.type, action_id: element.action_id, value: element.value, ...choice, action_ts: at }],
      }
      const envelope = { envelope_id: id, type: 'interactive', accepts_response_payload: true, payload }
      for (const socket of sockets) socket.send(JSON.stringify(envelope))
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Action {
  readonly type: string
  readonly action_id: string
  readonly value?: string
  readonly options?: ReadonlyArray<{ readonly value: string }>
}

interface Block {
  readonly type: string
  readonly text?: { readonly text: string }
  readonly fields?: ReadonlyArray<{ readonly text: string }>
  readonly elements?: readonly Action[]
}

/** All blocks of a message, those of its attachments included. */
export function blocksOf(form: URLSearchParams): Block[] {
  const attachments = JSON.parse(form.get('attachments') ?? '[]') as Array<{ blocks?: Block[] }>
  return [...(JSON.parse(form.get('blocks') ?? '[]') as Block[]), ...attachments.flatMap(({ blocks }) => blocks ?? [])]
}

/** Buttons and menus of a message. */
export function actionsOf(form: URLSearchParams): Action[] {
  return blocksOf(form).flatMap(({ type, elements }) => (type === 'actions' ? (elements ?? []) : []))
}

/** Why Slack refuses a message. */
function faultOf(form: URLSearchParams): string | undefined {
  const blocks = blocksOf(form)
  if ((form.get('text') ?? '') === '') return 'no_text'
  if ((form.get('text') ?? '').length > 4_000) return 'msg_too_long'
  if (blocks.length > 50) return 'invalid_blocks'
  if (JSON.stringify(blocks).length > 13_200) return 'msg_blocks_too_long'
  const isSound = blocks.every(({ type, text, fields, elements }) => {
    const length = text?.text.length ?? 1
    if (length === 0 || length > (type === 'header' ? 150 : 3_000)) return false
    if (fields !== undefined && (fields.length > 10 || fields.some((one) => one.text.length > 2_000))) return false
    const ids = type === 'actions' ? (elements ?? []).map(({ action_id }) => action_id) : []
    return new Set(ids).size === ids.length && (elements?.length ?? 0) <= 25
  })
  return isSound ? undefined : 'invalid_blocks'
}

/** The file inside a form with one part. */
function fileOf(body: Buffer): Buffer {
  const start = body.indexOf('\r\n\r\n') + 4
  return body.subarray(start, body.lastIndexOf('\r\n--'))
}
