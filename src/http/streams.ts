// Answers that go on until either side ends them. Bounded in number, for each address and in all; and whoever does not take what
// is sent is cut off before much of it lies here.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLoopback } from './address.ts'
import { headersFor } from './headers.ts'
import type { Limits } from './listener.ts'
import { LOOPBACK_SHARE } from './listener.ts'
import type { Refusal } from './refusal.ts'
import type { StreamAnswer } from './route.ts'

export interface StreamsOptions {
  readonly limits: Pick<Limits, 'streamsMax' | 'streamsPerAddressMax' | 'streamBufferBytesMax' | 'answerTimeoutMs'>
  readonly refused: (reason: Refusal) => void
  /** Told how many there are, when that has changed. */
  readonly counted: (open: number) => void
}

export class Streams {
  readonly #options: StreamsOptions
  readonly #open = new Map<ServerResponse, string>()
  #isClosed = false

  constructor(options: StreamsOptions) {
    this.#options = options
  }

  /** Whether this address may have one more. */
  hasRoom(client: string): boolean {
    const { streamsMax, streamsPerAddressMax } = this.#options.limits
    const mine = [...this.#open.values()].filter((one) => one === client).length
    return this.#open.size < streamsMax && mine < streamsPerAddressMax * (isLoopback(client) ? LOOPBACK_SHARE : 1)
  }

  /** @returns fulfilled at its end */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    { answer, client }: { readonly answer: StreamAnswer; readonly client: string },
  ): Promise<void> {
    response.writeHead(answer.status, {
      ...headersFor(answer.type),
      // A proxy in front that collects what comes would show it late.
      ...{ 'x-accel-buffering': 'no', connection: 'close' },
      ...answer.headers,
    })
    if (request.method === 'HEAD') return void response.end()
    // For a while nothing may be said, on purpose.
    request.socket.setTimeout(0)
    response.flushHeaders()
    // Should it wait behind another answer of its connection, only the socket tells that the reader has gone.
    const ended = new Promise<void>((resolve) => {
      response.once('close', resolve)
      request.socket.once('close', resolve)
    })
    this.#count(() => this.#open.set(response, client))
    try {
      const leave = answer.follow({ write: this.#writer(response), end: () => void response.end() })
      if (this.#isClosed) response.end()
      await ended
      leave()
    } finally {
      this.#count(() => this.#open.delete(response))
    }
  }

  #count(change: () => void): void {
    change()
    this.#options.counted(this.#open.size)
  }

  #writer(response: ServerResponse): (text: string) => void {
    const { limits, refused } = this.#options
    let fullSince: number | undefined
    response.on('drain', () => {
      fullSince = undefined
    })
    return (text) => {
      if (response.writableEnded || response.destroyed) return
      response.write(text)
      if (!response.writableNeedDrain) return
      fullSince ??= performance.now()
      const isSlow = performance.now() - fullSince > limits.answerTimeoutMs
      if (!isSlow && response.writableLength <= limits.streamBufferBytesMax) return
      refused('slow')
      response.destroy()
    }
  }

  /** Ends all of them, and those that begin later. */
  close(): void {
    this.#isClosed = true
    for (const response of this.#open.keys()) response.end()
  }
}
