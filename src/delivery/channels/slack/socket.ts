// Presses of buttons, over a connection that is opened from here (Socket Mode): no port has to be reachable from outside.
//
// Slack closes such a connection every hour or so, and whenever it likes. It is opened again, at once after one that had worked,
// and ever more slowly otherwise. A press that comes in between is told to whoever pressed by Slack itself, and can be repeated.

import { connect as startTls } from 'node:tls'
import type { SocketModeClient } from '@slack/socket-mode'
import type { Effect } from '../../../handling/deeds.ts'
import { cleaned } from '../../../secret.ts'
import type { Millis } from '../../../time.ts'
import { slackText } from '../../text-safety.ts'
import type { Press } from './buttons.ts'
import { readPress } from './buttons.ts'
import type { SlackAccess } from './client.ts'
import { clientOptions, outcomeOfFailure, silentLogger, webClient } from './client.ts'

export interface SocketOptions extends Omit<SlackAccess, 'token'> {
  /** The token of the app (`xapp-…`), which opens connections and can do nothing else. */
  readonly appToken: SlackAccess['token']
  /** The token with which is answered in a channel; undefined when there is no such channel any more. */
  readonly botToken: (channel: string) => SlackAccess['token'] | undefined
  /** Does what was pressed. Returns when it is on the disk. */
  readonly onPress: (press: Press) => Effect
  /** Told why there is no connection; null when there is one (again). */
  readonly onTrouble: (because: string | null) => void
  /** Told of what went wrong with a single press or answer. */
  readonly onFailure: (error: unknown) => void
  /** How long each step of a connection may take. */
  readonly connectMs?: Millis
  readonly waitsMs?: { readonly first: Millis; readonly most: Millis }
  /** Certificates to trust instead of the usual ones (PEM). */
  readonly ca?: string
}

export interface SlackSocket {
  /** Stopping twice is harmless. */
  stop(): Promise<void>
}

const WAITS_MS = { first: 1_000, most: 60_000 }
const CONNECT_MS = 10_000
/** Presses that were done already, by their ids: Slack tells one again when it has not heard that it arrived. */
const REMEMBERED_MAX = 500

/** Opens the connection and keeps it open. */
export function listenToSlack(options: SocketOptions): SlackSocket {
  const stopping = new AbortController()
  const known = new Map<string, Effect>()
  const running = keepOpen(options, known, stopping.signal)
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

async function keepOpen(options: SocketOptions, known: Map<string, Effect>, stop: AbortSignal): Promise<void> {
  const { onTrouble, waitsMs = WAITS_MS } = options
  let waitMs = 0
  while (!stop.aborted) {
    try {
      await session(options, known, stop, () => {
        waitMs = 0
        onTrouble(null)
      })
    } catch (error) {
      const { because } = cleaned(outcomeOfFailure(error))
      if (!stop.aborted) onTrouble(because)
    }
    waitMs = Math.min(waitsMs.most, waitMs * 2 || waitsMs.first)
    await sleep(waitMs, stop)
  }
}

/** One connection, from its opening to its end. @throws when it could not be opened */
async function session(
  options: SocketOptions,
  known: Map<string, Effect>,
  stop: AbortSignal,
  opened: () => void,
): Promise<void> {
  const { appToken, onFailure, connectMs = CONNECT_MS } = options
  // Loaded when buttons are configured: a start without them need not.
  const [{ SocketModeClient }, { Agent }] = await Promise.all([import('@slack/socket-mode'), import('undici')])
  const sockets = new Set<{ destroy(): void }>()
  // The client says that there is no connection; what it was is known here.
  let reason: unknown
  const agent = new Agent({
    connect: (to, done) => {
      connectThrough(to, options, stop).then(
        (socket) => {
          sockets.add(socket)
          done(null, socket)
        },
        (error: Error) => {
          reason = error
          done(error, null)
        },
      )
    },
  })
  const client = new SocketModeClient({
    appToken: appToken().reveal(),
    // It would let a failure that it takes for final end the process.
    autoReconnectEnabled: false,
    logger: silentLogger,
    clientOptions: clientOptions(options),
    dispatcher: agent,
  })
  const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()))
  client.on('error', (error: unknown) => {
    reason ??= error
  })
  client.on('interactive', (envelope: Envelope) => {
    answer(envelope, options, known).catch(onFailure)
  })
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
    client.disconnect().catch(() => {})
  }
  stop.addEventListener('abort', hangUp, { once: true })
  try {
    if (stop.aborted) return
    await Promise.race([client.start(), timedOut(connectMs, stop)])
    opened()
    await Promise.race([ended, aborted(stop)])
  } catch (error) {
    throw reason ?? error ?? new Error('the connection was closed before it stood')
  } finally {
    stop.removeEventListener('abort', hangUp)
    await close(client, sockets)
    await agent.destroy().catch(() => {})
  }
}

interface Envelope {
  readonly ack: (response?: Record<string, unknown>) => Promise<void>
  readonly body: unknown
}

/** Does the deed, then says that it has arrived: one that could not be done is told again, or shown as failed by Slack. */
async function answer({ ack, body }: Envelope, options: SocketOptions, known: Map<string, Effect>): Promise<void> {
  const press = readPress(body)
  if (press === undefined) return ack()
  const id = `${press.user} ${press.id} ${press.deed} ${press.subject}`
  const done = known.get(id)
  if (done !== undefined) return ack()
  const effect = options.onPress(press)
  known.set(id, effect)
  const [oldest] = known.keys()
  if (known.size > REMEMBERED_MAX && oldest !== undefined) known.delete(oldest)
  await ack()
  const token = options.botToken(press.channel)
  const { channel, thread } = press.conversation
  if (token === undefined || channel === '') return
  const said = slackText(`${effect.outcome === 'done' ? '✓' : '✗'} ${effect.detail}`, 500)
  // What was done is told to everybody by the messages that it causes; this tells the one who pressed.
  await webClient({ ...options, token }).chat.postEphemeral({
    channel,
    user: press.user,
    text: said,
    blocks: [{ type: 'section', text: { type: 'plain_text', text: said, emoji: false } }],
    ...(thread !== null && { thread_ts: thread }),
  })
}

interface Target {
  readonly protocol: string
  readonly hostname: string
  readonly port: string
  readonly servername?: string | undefined
}

/** A connection to an address that was checked, with TLS that is verified. */
async function connectThrough(
  { protocol, hostname, port }: Target,
  { outbound, ca, connectMs = CONNECT_MS }: SocketOptions,
  stop: AbortSignal,
) {
  const isEncrypted = protocol === 'https:'
  const socket = await outbound.connect({
    host: hostname,
    port: Number(port) || (isEncrypted ? 443 : 80),
    timeoutMs: connectMs,
    isEncrypted,
  })
  if (!isEncrypted) return socket
  const secure = startTls({ socket, servername: hostname, rejectUnauthorized: true, ...(ca !== undefined && { ca }) })
  const verified = new Promise<void>((resolve, reject) => {
    secure.once('secureConnect', resolve)
    secure.on('error', reject)
  })
  try {
    await Promise.race([verified, timedOut(connectMs, stop)])
    return secure
  } catch (error) {
    // Nobody else knows of it yet: whoever says nothing would keep it for ever.
    secure.destroy()
    throw error
  }
}

async function close(client: SocketModeClient, sockets: ReadonlySet<{ destroy(): void }>): Promise<void> {
  const disconnected = client.disconnect().catch(() => {})
  // Whoever does not say good-bye is not waited for.
  for (const socket of sockets) socket.destroy()
  await Promise.race([disconnected, sleep(500)])
}

function sleep(ms: Millis, stop?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop?.aborted === true) return resolve()
    const done = () => {
      clearTimeout(timer)
      stop?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    stop?.addEventListener('abort', done, { once: true })
  })
}

async function timedOut(ms: Millis, stop: AbortSignal): Promise<never> {
  await sleep(ms, stop)
  throw new Error(`no connection within ${ms / 1000} s`)
}

function aborted(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
}
