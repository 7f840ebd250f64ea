// Commands that ask, or change, a running daemon speak to its API.

import type { IncomingMessage } from 'node:http'
import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { Command } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { readSecret } from '../config/secret.ts'
import { settingsSchema } from '../config/settings.ts'
import { CLI_AGENT } from '../http/server.ts'
import type { Secret } from '../secret.ts'

export interface ApiOptions {
  readonly address?: string
  readonly tokenFile?: string
}

export interface ApiClient {
  /** @throws ApiError with what the daemon says, DaemonUnreachable when nothing answers */
  get(path: string, query?: Readonly<Record<string, string | number | undefined>>): Promise<unknown>
  post(path: string, body: object): Promise<unknown>
}

/** The daemon answers, and says no. */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Nothing answers at the address: exit code 4. */
export class DaemonUnreachable extends Error {}

const ADDRESS_DEFAULT = `http://127.0.0.1:${settingsSchema.port.default}`
const TIMEOUT_MS = 30_000
const ANSWER_BYTES_MAX = 64 * 2 ** 20

/** Adds the options that every such command has. */
export function withApi(command: Command): Command {
  return command
    .option('--address <url>', `address of the daemon (default: ${ADDRESS_DEFAULT}, or LEEWAY_ADDRESS)`)
    .option('--token-file <file>', 'file with a token of it (default: LEEWAY_API_TOKEN_FILE, or LEEWAY_API_TOKEN)')
}

/** @throws ConfigError when the address or the token cannot be used */
export function apiClient({ address, tokenFile }: ApiOptions): ApiClient {
  const base = addressOf(address)
  const token = tokenOf(tokenFile)
  return {
    get: (path, query = {}) => {
      const url = new URL(base + path)
      for (const [name, value] of Object.entries(query))
        if (value !== undefined) url.searchParams.set(name, String(value))
      return ask('GET', url, token)
    },
    post: (path, body) => ask('POST', new URL(base + path), token, JSON.stringify(body)),
  }
}

function addressOf(option: string | undefined): string {
  const text = (option ?? process.env['LEEWAY_ADDRESS'] ?? ADDRESS_DEFAULT).replace(/\/+$/, '')
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  const place = option === undefined ? 'LEEWAY_ADDRESS' : '--address'
  throw problem(place, `${JSON.stringify(text)} is not an address; write one such as ${ADDRESS_DEFAULT}`)
}

function tokenOf(file: string | undefined): Secret | null {
  if (file !== undefined) return readSecret(file, '--token-file')
  for (const name of ['LEEWAY_API_TOKEN_FILE', 'LEEWAY_API_TOKEN'])
    if (process.env[name] !== undefined) return readSecret(`env:${name}`, name)
  return null
}

function problem(path: string, message: string): ConfigError {
  return new ConfigError([{ file: null, line: null, column: null, path, message }])
}

/** A redirect is not followed: the token is for the address that was named. */
async function ask(method: 'GET' | 'POST', url: URL, token: Secret | null, body = ''): Promise<unknown> {
  const headers = {
    'user-agent': CLI_AGENT,
    ...(method === 'POST' && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...(token !== null && { authorization: `Bearer ${token.reveal()}` }),
  }
  const { status, text } = await new Promise<{ status: number; text: string }>((fulfil, reject) => {
    const options = { method, headers, agent: false as const, signal: AbortSignal.timeout(TIMEOUT_MS) }
    const read = (answer: IncomingMessage) =>
      readAll(answer).then((whole) => fulfil({ status: answer.statusCode ?? 0, text: whole }), reject)
    const asking = url.protocol === 'https:' ? requestSecure(url, options, read) : requestPlain(url, options, read)
    asking.on('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new DaemonUnreachable(
          `no daemon answers at ${url.origin} (${cause.code ?? cause.message}); start leeway serve, or name its address with --address`,
          { cause },
        ),
      ),
    )
    asking.end(body)
  })
  return answerOf(status, text, url)
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of answer as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is too large; ask for less')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

function answerOf(status: number, text: string, url: URL): unknown {
  const json = parsed(text)
  if (status >= 200 && status < 300 && json !== undefined) return json
  const said = (json as { error?: { message?: unknown } } | undefined)?.error?.message
  if (typeof said === 'string') throw new ApiError(status, said)
  throw new ApiError(status, `${url.origin} answers ${status}, and not as leeway does; name its address with --address`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
