// HTTP receivers and a mail server for tests: real ones, in this process, on free ports.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ParsedMail } from 'mailparser'
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { createOutbound } from '../../src/outbound/outbound.ts'

/** The way out of tests: to receivers on this machine. */
export const toThisMachine = createOutbound({ allow: ['127.0.0.1', '::1', 'localhost'] })

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Answers each request as told, and keeps what it received. */
export async function receiver(answer: (request: Received, response: ServerResponse, nth: number) => void) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece) => pieces.push(piece))
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(pieces).toString(),
      }
      received.push(one)
      answer(one, response, received.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A self-signed certificate for localhost. */
export function certificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  )
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return pair
}

/**
 * An SMTP server that demands STARTTLS and a password; recipients whose names begin with a number get that answer.
 *
 * @param answers `login`, `sender` and `recipient` say what is answered to each login, sender and recipient; null takes it. `isSecure`: TLS from the
 *   first byte; `withoutTls`: none at all
 */
export async function mailServer(
  tls: { key: string; cert: string },
  answers: {
    login?: () => string | null
    sender?: () => string | null
    recipient?: (address: string) => string | null
    withoutTls?: boolean
    isSecure?: boolean
  } = {},
) {
  const mails: ParsedMail[] = []
  /** Recipients of the envelope, which decide who gets the message. */
  const recipients: string[][] = []
  const server = new SMTPServer({
    ...tls,
    secure: answers.isSecure === true,
    ...(answers.withoutTls && { hideSTARTTLS: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true }),
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth: ({ username, password }, _session, done) => {
      const isRight = username === 'leeway' && password === 'right'
      const refusal = answers.login === undefined ? (isRight ? null : 'wrong user or password') : answers.login()
      if (refusal === null) done(null, { user: username ?? '' })
      else done(Object.assign(new Error(refusal), { responseCode: Number(/^\d{3}/.exec(refusal)?.[0] ?? 535) }))
    },
    onMailFrom: (_, _session, done) => {
      const refusal = answers.sender?.() ?? null
      if (refusal === null) done(null)
      else done(Object.assign(new Error(refusal), { responseCode: Number(/^\d{3}/.exec(refusal)?.[0] ?? 550) }))
    },
    onRcptTo: ({ address }, _session, done) => {
      const answer = answers.recipient?.(address)
      const code = /^(\d{3})/.exec(answer ?? address)?.[1]
      const text = answer ?? `${code} as told`
      done(code === undefined ? null : Object.assign(new Error(text), { responseCode: Number(code) }))
    },
    onData: (stream, { envelope }, done) => {
      recipients.push(envelope.rcptTo.map(({ address }) => address))
      simpleParser(stream).then((mail) => {
        mails.push(mail)
        done()
      }, done)
    },
  })
  // A client that does not trust it hangs up.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    recipients,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
