// Messages by email: plain text and simple HTML, in one thread per incident.

import { createHash } from 'node:crypto'
import type { Outbound } from '../../outbound/outbound.ts'
import type { Secret } from '../../secret.ts'
import { cleaned } from '../../secret.ts'
import type { Illustrate } from '../charts/illustrate.ts'
import type { Message } from '../notification.ts'
import type { Outcome, Sender } from '../sender.ts'
import { htmlText, safeLine } from '../text-safety.ts'

export interface EmailSettings {
  readonly host: string
  readonly port: number
  /** true: TLS from the first byte; false: STARTTLS, without which nothing is sent. */
  readonly secure: boolean
  /** Goes on without TLS when the server offers none. */
  readonly plainText: boolean
  /** The password of the moment: it may be replaced. */
  readonly login: { readonly user: string; readonly password: () => Secret } | null
  readonly from: string
  readonly to: readonly string[]
  readonly outbound: Outbound
  /** Certificates to trust instead of the usual ones (PEM). */
  readonly ca?: string
  readonly timeoutMs?: number
  readonly illustrate?: Illustrate | undefined
}

/** An answer of a mail server is a few lines. */
const ANSWER_BYTES_MAX = 64 * 1024

export function createEmailSender(name: string, settings: EmailSettings): Sender {
  const { host, from, to } = settings
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/[^\w.-]/g, '')
  const idOf = (text: string) => `<${createHash('sha256').update(text).digest('hex').slice(0, 32)}@${domain}>`
  return {
    name,
    async send({ key, envelope }, signal) {
      if (envelope.kind !== 'message') return { result: 'refused', because: 'email takes messages only' }
      const { message } = envelope
      const thread = idOf(`incident ${message.incidentId}`)
      const transport = await transportTo(settings)
      try {
        const info = await transport.sendMail({
          from,
          to: [...to],
          // Who gets it does not depend on what headers say.
          envelope: { from, to: [...to] },
          subject: safeLine(`[leeway] ${message.title}`, 180),
          messageId: idOf(key),
          inReplyTo: thread,
          references: [thread],
          headers: { 'auto-submitted': 'auto-generated', 'x-leeway-key': safeLine(key) },
          text: textOf(message),
          html: htmlOf(message),
          signal,
        })
        const rejected = info.rejected.map(String)
        const detail = rejected.length === 0 ? info.response : `refused for ${rejected.join(', ')}: ${info.response}`
        return cleaned({ result: 'delivered', detail } as const)
      } catch (error) {
        return cleaned(outcomeOf(error, host))
      } finally {
        transport.close()
      }
    },
    async close() {},
  }
}

async function transportTo({ host, port, secure, plainText, login, outbound, ca, timeoutMs = 15_000 }: EmailSettings) {
  // Loaded by the first message: a start need not wait for it.
  const { createTransport } = await import('nodemailer')
  return createTransport({
    host,
    port,
    secure,
    requireTLS: !secure && !plainText,
    ...(login !== null && { auth: { user: login.user, pass: login.password().reveal() } }),
    tls: { rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    getSocket: (_, done) => {
      outbound.connect({ host, port, timeoutMs }).then(
        (connection) => done(null, { connection }),
        (error: Error) => done(error),
      )
    },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxResponseSize: ANSWER_BYTES_MAX,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

function textOf({ title, paragraphs, features, link }: Message): string {
  const list = features.map(({ name, detail }) => `- ${safeLine(name)}: ${safeLine(detail)}`)
  const parts = [
    safeLine(title),
    ...paragraphs.map((paragraph) => safeLine(paragraph, 2_000)),
    list.join('\n'),
    link ?? '',
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function htmlOf({ title, paragraphs, features, link }: Message): string {
  const list = features.map(({ name, detail }) => `<li><b>${htmlText(name)}</b> ${htmlText(detail)}</li>`).join('')
  const body = paragraphs.map((paragraph) => `<p>${htmlText(paragraph, 2_000)}</p>`).join('')
  const more = link === null ? '' : `<p><a href="${htmlText(link, 2_000)}">Open the incident</a></p>`
  return `<!doctype html><html lang="en"><body style="font-family:sans-serif;font-size:14px"><h2 style="font-size:16px">${htmlText(title)}</h2>${body}${list === '' ? '' : `<ul>${list}</ul>`}${more}</body></html>`
}

/** 4xx and the network: later. 5xx, a wrong password, an untrusted certificate: a person must mend it. */
function outcomeOf(error: unknown, host: string): Outcome {
  const { code, command, responseCode, message } = error as {
    code?: string
    command?: string
    responseCode?: number
    message?: string
  }
  const because = `${host}: ${message ?? error}`
  if (code === 'EAUTH') return { result: 'refused', because: `${host} refuses the user name or password` }
  if (command === 'STARTTLS' && !/initiating TLS/.test(message ?? ''))
    return {
      result: 'refused',
      because: `${host} offers no TLS, and without it everybody on the way could read along; mend the server, or write plainText: true`,
    }
  if ((code === 'ESOCKET' || code === 'ETLS') && /certificate|self.signed|altname/i.test(message ?? ''))
    return { result: 'refused', because: `${because}; trust its certificate (NODE_EXTRA_CA_CERTS) or mend it` }
  if (responseCode !== undefined && responseCode >= 500) return { result: 'refused', because }
  return { result: 'retry', because }
}
