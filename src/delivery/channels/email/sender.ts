// Messages by email: plain text and simple HTML, in one thread per incident.

import { createHash } from 'node:crypto'
import type { Outbound } from '../../../outbound/outbound.ts'
import type { Secret } from '../../../secret.ts'
import { cleaned } from '../../../secret.ts'
import type { Millis } from '../../../time.ts'
import type { Illustrate, Illustration } from '../../charts/illustrate.ts'
import type { Outcome, Sender } from '../../sender.ts'
import { safeLine } from '../../text-safety.ts'
import { letterOf } from './letter.ts'
import type { Refusal } from './recipients.ts'
import { Recipients } from './recipients.ts'

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
  /** A clock that nobody sets. */
  readonly steady?: () => Millis
}

/** An answer of a mail server is a few lines. */
const ANSWER_BYTES_MAX = 64 * 1024

/**
 * Mail readers put messages that refer to the same ones into one thread. All about an incident refer to an id that is made of its
 * own, so that they find each other even when the first of them was never delivered.
 */
export function createEmailSender(name: string, settings: EmailSettings): Sender {
  const { host, from, to, illustrate, steady } = settings
  const recipients = new Recipients(to, steady)
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/[^\w.-]/g, '')
  const idOf = (text: string) => `<${createHash('sha256').update(text).digest('hex').slice(0, 32)}@${domain}>`
  return {
    name,
    async send({ key, envelope, thread }, signal) {
      const charts = envelope.kind === 'message' ? ((await illustrate?.(envelope.message)) ?? []) : []
      const letter = letterOf(envelope, charts)
      const messageId = idOf(key)
      const transport = await transportTo(settings)
      try {
        const info = await transport.sendMail({
          from,
          to: [...to],
          // Who gets it does not depend on what headers say.
          envelope: { from, to: recipients.missing(key) },
          ...letter,
          messageId,
          ...(envelope.kind === 'message' && referring(idOf(`incident ${envelope.message.incidentId}`), thread)),
          headers: {
            'auto-submitted': 'auto-generated',
            'x-auto-response-suppress': 'All',
            'list-id': `leeway ${name} <${name}.leeway.${domain}>`,
            'x-leeway-key': safeLine(key),
          },
          attachments: charts.map(attachmentOf),
          signal,
        })
        const { because, isDone } = recipients.took(key, {
          taken: info.accepted,
          refusals: info.rejectedErrors ?? [],
        })
        // Those who have it are not sent it again: what is repeated is for the others.
        if (!isDone) return cleaned({ result: 'retry', because: `${host}: ${because}`, isNotTaken: false } as const)
        const detail = because === '' ? info.response : `${because}; ${info.response}`
        return cleaned({ result: 'delivered', detail, receipt: thread ?? messageId } as const)
      } catch (error) {
        const { rejectedErrors: refusals } = error as { rejectedErrors?: readonly Refusal[] }
        const all = refusals && recipients.took(key, { taken: [], refusals })
        // Nobody is left who waits for it, and somebody has it.
        if (all?.hasArrived && all.isDone)
          return cleaned({ result: 'delivered', detail: all.because, receipt: thread ?? messageId } as const)
        return cleaned(outcomeOf(error, host))
      } finally {
        transport.close()
      }
    },
    async close() {},
  }
}

/** @param first id of the first message about the incident, where it is known */
function referring(incident: string, first: string | undefined): { inReplyTo: string; references: string[] } {
  const isId = first !== undefined && /^<[^\s<>]+>$/.test(first)
  return { inReplyTo: isId ? first : incident, references: isId ? [incident, first] : [incident] }
}

function attachmentOf({ name, png }: Illustration) {
  return {
    filename: `${name}.png`,
    content: Buffer.from(png),
    contentType: 'image/png',
    contentDisposition: 'inline' as const,
    cid: `${name}@leeway`,
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

/** 4xx and the network: later. 5xx, a wrong password, an untrusted certificate: a person must mend it. */
function outcomeOf(error: unknown, host: string): Outcome {
  const { code, command, responseCode, message } = error as {
    code?: string
    command?: string
    responseCode?: number
    message?: string
  }
  const because = `${host}: ${message ?? error}`
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 500) return { result: 'retry', because }
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
