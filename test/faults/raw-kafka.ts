// What no client sends and no broker answers: hand-made batches towards a broker, and answers that are changed on their way back.

import type { AddressInfo, Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { crc32c } from '../../src/sources/codecs/crc32c.ts'

/** Sends one batch as it is, by a Produce request of version 7. @throws Error with the broker's error code */
export async function produceRaw(address: string, topic: string, batch: Buffer): Promise<void> {
  const [host, port] = partsOf(address)
  const text = (value: string) => Buffer.concat([int(2, value.length), Buffer.from(value)])
  const body = Buffer.concat([
    ...[int(2, 0), int(2, 7), int(4, 1), text('raw')],
    ...[int(2, -1), int(2, -1), int(4, 30_000), int(4, 1), text(topic), int(4, 1), int(4, 0)],
    ...[int(4, batch.length), batch],
  ])
  const socket = connect({ host, port })
  socket.write(Buffer.concat([int(4, body.length), body]))
  const answer = await new Promise<Buffer>((resolve, reject) => {
    let received = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the broker closed the connection')))
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data])
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) resolve(received)
    })
  })
  socket.destroy()
  const code = answer.readInt16BE(8 + 4 + 2 + topic.length + 4 + 4)
  if (code !== 0) throw new Error(`the broker refused the batch: error ${code}`)
}

function partsOf(address: string): [string, number] {
  const [host = '', port = ''] = address.split(':')
  return [host, Number(port)]
}

function int(size: 2 | 4, value: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeIntBE(value, 0, size)
  return bytes
}

/** Changes a batch in place; called for each answer that has a batch with the marker in it. */
export interface Tampering {
  readonly marker: string
  readonly change: (batch: Buffer, times: number) => void
}

/** Stands between a client and a broker, and changes batches that have a marker in one of their records. */
export class TamperingProxy {
  readonly #broker: { host: string; port: number }
  readonly #tampering: readonly Tampering[]
  readonly #times = new Map<string, number>()
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(broker: string, tampering: readonly Tampering[]) {
    const [host, port] = partsOf(broker)
    this.#broker = { host, port }
    this.#tampering = tampering
    this.#server = createServer((client) => this.#accept(client))
  }

  static async start(broker: string, tampering: readonly Tampering[]): Promise<TamperingProxy> {
    const proxy = new TamperingProxy(broker, tampering)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** How many answers had a batch with this marker. */
  times(marker: string): number {
    return this.#times.get(marker) ?? 0
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  #accept(client: Socket): void {
    const broker = connect(this.#broker)
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    client.pipe(broker)
    let received = Buffer.alloc(0)
    broker.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data])
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const end = 4 + received.readInt32BE(0)
        client.write(this.#rewritten(Buffer.from(received.subarray(0, end))))
        received = received.subarray(end)
      }
    })
  }

  #rewritten(frame: Buffer): Buffer {
    // Clients go where the broker says it is: here.
    const { host, port } = this.#broker
    const place = Buffer.concat([int(2, host.length), Buffer.from(host), int(4, port)])
    for (let at = frame.indexOf(place); at >= 0; at = frame.indexOf(place, at + 1))
      frame.writeInt32BE(this.#port, at + 2 + host.length)
    for (const { marker, change } of this.#tampering) {
      const at = frame.indexOf(marker)
      const batch = at < 0 ? undefined : batchAround(frame, at)
      if (batch === undefined) continue
      this.#times.set(marker, this.times(marker) + 1)
      change(batch, this.times(marker))
    }
    return frame
  }
}

/** The batch around a place: the one whose checksum is right. */
function batchAround(frame: Buffer, place: number): Buffer | undefined {
  for (let start = place - 61; start >= 0; start--) {
    if (frame[start + 16] !== 2) continue
    const end = start + 12 + frame.readInt32BE(start + 8)
    if (end < place || end > frame.length) continue
    const batch = frame.subarray(start, end)
    if (crc32c(batch, 21) === batch.readUInt32BE(17)) return batch
  }
  return undefined
}
