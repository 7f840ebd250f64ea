// Messages by email: plain text and simple HTML, in one thread per incident.

import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import type { Message } from '../notification.ts'
import type { Outcome, Sender } from '../sender.ts'
import { safeLine } from '../text-safety.ts'

export interface EmailSettings {
  readonly host: string
  readonly port: number
  /** true: TLS from the first byte; false: STARTTLS when the server offers it, and always before a password is sent. */
  readonly secure: boolean
  readonly login: { readonly user: string; readonly password: string } | null
  readonly from: string
  readonly to: readonly string[]
  /** Certificates to trust beside the usual ones (PEM). */
  readonly ca?: string
  readonly timeoutMs?: number
}

export function createEmailSender(name: string, settings: EmailSettings): Sender {
  const { host, port, secure, login, from, to, ca, timeoutMs = 15_000 } = settings
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS: !secure && login !== null,
    ...(login !== null && { auth: { user: login.user, pass: login.password } }),
    ...(ca !== undefined && { tls: { ca } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/[^\w.-]/g, '')
  const idOf = (text: string) => `<${createHash('sha256').update(text).digest('hex').slice(0, 32)}@${domain}>`
  return {
    name,
    async send({ key, envelope }) {
      if (envelope.kind !== 'message') return { result: 'refused', because: 'email takes messages only' }
      const { message } = envelope
      const thread = idOf(`incident ${message.incidentId}`)
      try {
        const info = await transport.sendMail({
          from,
          to: [...to],
          subject: safeLine(`[leeway] ${message.title}`, 180),
          messageId: idOf(key),
          inReplyTo: thread,
          references: [thread],
          headers: { 'auto-submitted': 'auto-generated', 'x-leeway-key': safeLine(key) },
          text: textOf(message),
          html: htmlOf(message),
        })
        const rejected = info.rejected.map(String)
        return {
          result: 'delivered',
          detail: rejected.length === 0 ? info.response : `refused for ${rejected.join(', ')}: ${info.response}`,
        }
      } catch (error) {
        return outcomeOf(error, host)
      }
    },
    async close() {
      transport.close()
    },
  }
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
  const list = features
    .map(({ name, detail }) => `<li><b>${escapeText(safeLine(name))}</b> ${escapeText(safeLine(detail))}</li>`)
    .join('')
  const body = paragraphs.map((paragraph) => `<p>${escapeText(safeLine(paragraph, 2_000))}</p>`).join('')
  const more = link === null ? '' : `<p><a href="${escapeText(link)}">Open the incident</a></p>`
  return `<!doctype html><html lang="en"><body style="font-family:sans-serif;font-size:14px"><h2 style="font-size:16px">${escapeText(safeLine(title))}</h2>${body}${list === '' ? '' : `<ul>${list}</ul>`}${more}</body></html>`
}

function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}

/** 4xx and the network: later. 5xx, a wrong password, an untrusted certificate: a person must mend it. */
function outcomeOf(error: unknown, host: string): Outcome {
  const { code, responseCode, message } = error as { code?: string; responseCode?: number; message?: string }
  const because = `${host}: ${message ?? error}`
  if (code === 'EAUTH') return { result: 'refused', because: `${host} refuses the user name or password` }
  if (code === 'ESOCKET' && /certificate|self.signed/i.test(message ?? ''))
    return { result: 'refused', because: `${because}; trust its certificate (NODE_EXTRA_CA_CERTS) or mend it` }
  if (responseCode !== undefined && responseCode >= 500) return { result: 'refused', because }
  return { result: 'retry', because }
}
