// The body of a request that changes something: JSON, bounded, counted while it comes.

import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { z } from 'zod'
import { HttpError } from './route.ts'

/** What is sent after a refusal is read for this long, so that the sender sees the answer and not a reset. */
const LINGER_MS = 1_000
const LINGER_BYTES_MAX = 8 * 2 ** 20
const ISSUES_MAX = 10

/** @throws HttpError 400, 413 or 415 */
export async function readBody<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  { bytesMax, begin }: { bytesMax: number; begin: () => void },
): Promise<T> {
  const tooLarge = new HttpError(413, `the body has more than ${bytesMax} bytes`)
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge
  begin()
  const bytes = await collect(request, bytesMax)
  if (bytes === undefined) throw tooLarge
  if (bytes.length > 0) refuseOtherTypes(request)
  const parsed = schema.safeParse(bytes.length === 0 ? {} : parseJson(bytes))
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.slice(0, ISSUES_MAX).map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new HttpError(400, `the body is not what is expected: ${issues.join('; ').replace(/^: /, '')}`)
}

/** @returns undefined when there is more than `bytesMax` */
async function collect(request: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false })) {
      size += (piece as Buffer).length
      if (size > bytesMax) return undefined
      pieces.push(piece as Buffer)
    }
  } catch {
    throw new HttpError(400, 'the body ended before it was complete')
  }
  return Buffer.concat(pieces)
}

function refuseOtherTypes({ headers }: IncomingMessage): void {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json')
    throw new HttpError(415, 'the body must be JSON, with the header "content-type: application/json"')
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new HttpError(415, 'the body must not be compressed')
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new HttpError(400, 'the body is not JSON in UTF-8')
  }
}

/** Reads and forgets what is still coming, within limits, so that a refusal is not lost in a reset connection. */
export async function linger(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return
  const over = Promise.withResolvers<void>()
  const waiting = new AbortController()
  let size = 0
  request
    .on('data', (piece: Buffer) => {
      size += piece.length
      if (size > LINGER_BYTES_MAX) over.resolve()
    })
    .once('end', over.resolve)
    .once('close', over.resolve)
    .once('error', over.resolve)
  await Promise.race([over.promise, pause(LINGER_MS, undefined, { signal: waiting.signal }).catch(() => {})])
  waiting.abort()
}
