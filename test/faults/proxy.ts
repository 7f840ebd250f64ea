// A network that can be made bad: a TCP proxy between the daemon and a broker, settable while it runs.
//
// What is set holds for connections that are open and for those that come. Bytes pass in their order, whatever the delays.

import type { AddressInfo, Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

export interface Weather {
  /** Every piece of data arrives this much later, give or take up to `jitterMs`. */
  readonly latencyMs: number
  readonly jitterMs: number
  /** In each direction of each connection. */
  readonly bytesPerSecond: number
  /** Data is passed on in pieces of this size, each in a packet of its own as far as the system lets us. */
  readonly sliceBytes: number
  /** A connection dies (RST) when it has carried this many bytes towards the client since this was set or it was opened. */
  readonly cutAfterBytes: number
  /** Half-open: nothing is read from either side any more, yet the sockets stay open, and new ones are taken. */
  readonly blackHole: boolean
  /** What the client sends is read and thrown away. */
  readonly dropUp: boolean
  /** What the server sends is read and thrown away. */
  readonly dropDown: boolean
}

const clear: Weather = {
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  sliceBytes: Number.POSITIVE_INFINITY,
  cutAfterBytes: Number.POSITIVE_INFINITY,
  blackHole: false,
  dropUp: false,
  dropDown: false,
}

const QUEUED_BYTES_MAX = 1 << 20
const HOST = '127.0.0.1'

export class TcpProxy {
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  readonly #random: () => number
  #weather = clear
  #target = 0
  #port = 0
  /** Connections made so far. */
  accepted = 0

  private constructor(random: () => number) {
    this.#random = random
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
  }

  /**
   * @param options.target port of 127.0.0.1 that is connected to; may be given later by `toward`
   * @param options.random for jitter; give a seeded one where a test must repeat itself
   */
  static async start(options: { target?: number; random?: () => number } = {}): Promise<TcpProxy> {
    const proxy = new TcpProxy(options.random ?? Math.random)
    proxy.#target = options.target ?? 0
    await proxy.#listen()
    return proxy
  }

  /** The port that clients connect to. */
  get port(): number {
    return this.#port
  }

  get address(): string {
    return `${HOST}:${this.#port}`
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#connections.size
  }

  toward(port: number): void {
    this.#target = port
  }

  /** Changes the weather; what is not named stays as it is. */
  set(change: Partial<Weather>): void {
    this.#weather = { ...this.#weather, ...change }
    for (const connection of this.#connections) connection.weatherChanged(change.cutAfterBytes !== undefined)
  }

  /** Fair weather again. Connections that lost bytes stay broken, as they would be. */
  clear(): void {
    this.set(clear)
  }

  /** Resets every open connection (RST on both sides). @returns how many */
  reset(): number {
    const count = this.#connections.size
    for (const connection of [...this.#connections]) connection.reset()
    return count
  }

  /** Every open connection falls into a black hole of its own, for good; new ones are sound. So does a router that forgets them. */
  strand(): number {
    for (const connection of this.#connections) connection.strand()
    return this.#connections.size
  }

  /** Refuses new connections, as a machine without the process does, until `accept`. Open ones go on. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) return
    // Its callback would wait for the open connections too.
    this.#server.close()
    await new Promise((resolve) => setImmediate(resolve))
  }

  async accept(): Promise<void> {
    if (!this.#server.listening) await this.#listen()
  }

  async close(): Promise<void> {
    this.#server.close()
    this.reset()
  }

  get weather(): Weather {
    return this.#weather
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, HOST, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  #accept(client: Socket): void {
    this.accepted++
    const server = connect({ host: HOST, port: this.#target, allowHalfOpen: true, noDelay: true })
    const connection = new Connection(client, server, () => this.#weather, this.#random)
    this.#connections.add(connection)
    connection.onEnd = () => this.#connections.delete(connection)
  }
}

/** The two sockets of one connection through the proxy. */
class Connection {
  readonly #client: Socket
  readonly #server: Socket
  readonly #up: Direction
  readonly #down: Direction
  #ended = false
  #isStranded = false
  onEnd: () => void = () => {}

  constructor(client: Socket, server: Socket, common: () => Weather, random: () => number) {
    const weather = () => (this.#isStranded ? { ...common(), blackHole: true } : common())
    this.#client = client
    this.#server = server
    this.#up = new Direction(client, server, weather, random, {
      drops: () => weather().dropUp,
      cut: () => Number.POSITIVE_INFINITY,
      onCut: () => {},
    })
    this.#down = new Direction(server, client, weather, random, {
      drops: () => weather().dropDown,
      cut: () => weather().cutAfterBytes,
      onCut: () => this.reset(),
    })
    for (const socket of [client, server]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        // In a black hole nobody hears of the other's end.
        if (!weather().blackHole || (client.destroyed && server.destroyed)) this.reset()
      })
    }
  }

  strand(): void {
    this.#isStranded = true
    this.weatherChanged(false)
  }

  weatherChanged(cutsAnew: boolean): void {
    if (cutsAnew) this.#down.passed = 0
    if (!this.#isStranded && (this.#client.destroyed || this.#server.destroyed)) this.reset()
    this.#up.weatherChanged()
    this.#down.weatherChanged()
  }

  reset(): void {
    if (this.#ended) return
    this.#ended = true
    for (const socket of [this.#client, this.#server]) socket.resetAndDestroy()
    this.#up.stop()
    this.#down.stop()
    this.onEnd()
  }
}

interface Rules {
  readonly drops: () => boolean
  readonly cut: () => number
  readonly onCut: () => void
}

/** What goes one way through a connection. */
class Direction {
  readonly #from: Socket
  readonly #to: Socket
  readonly #weather: () => Weather
  readonly #random: () => number
  readonly #rules: Rules
  readonly #queue: Array<{ due: number; data: Buffer | null }> = []
  #queuedBytes = 0
  #running = false
  #stopped = false
  #changed = Promise.withResolvers<void>()
  passed = 0

  constructor(from: Socket, to: Socket, weather: () => Weather, random: () => number, rules: Rules) {
    this.#from = from
    this.#to = to
    this.#weather = weather
    this.#random = random
    this.#rules = rules
    from.on('data', (data: Buffer) => this.#enqueue(data))
    from.on('end', () => this.#enqueue(null))
    if (weather().blackHole) from.pause()
  }

  weatherChanged(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
    this.#flow()
  }

  stop(): void {
    this.#stopped = true
    this.#queue.length = 0
    this.#changed.resolve()
  }

  #flow(): void {
    if (this.#weather().blackHole || this.#queuedBytes >= QUEUED_BYTES_MAX) this.#from.pause()
    else this.#from.resume()
  }

  /** @param data null: the end */
  #enqueue(data: Buffer | null): void {
    const { latencyMs, jitterMs } = this.#weather()
    const delay = latencyMs === 0 && jitterMs === 0 ? 0 : latencyMs + (2 * this.#random() - 1) * jitterMs
    const last = this.#queue.at(-1)?.due ?? 0
    this.#queue.push({ due: Math.max(last, performance.now() + Math.max(0, delay)), data })
    this.#queuedBytes += data?.length ?? 0
    this.#flow()
    if (!this.#running) {
      this.#running = true
      void this.#run().finally(() => {
        this.#running = false
      })
    }
  }

  async #run(): Promise<void> {
    for (let first = this.#queue.shift(); first !== undefined; first = this.#queue.shift()) {
      const waitMs = first.due - performance.now()
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
      await this.#untilPassable()
      if (first.data === null) this.#to.end()
      else await this.#pass(first.data)
      this.#queuedBytes -= first.data?.length ?? 0
      if (this.#stopped) return
      this.#flow()
    }
  }

  async #untilPassable(): Promise<void> {
    while (this.#weather().blackHole && !this.#stopped) await this.#changed.promise
  }

  async #pass(data: Buffer): Promise<void> {
    for (let at = 0; at < data.length && !this.#stopped; ) {
      await this.#untilPassable()
      const { bytesPerSecond, sliceBytes } = this.#weather()
      // Ten pieces a second make a slow line even.
      const size = Math.min(sliceBytes, Math.max(1, Math.floor(bytesPerSecond / 10)), data.length - at)
      const whole = data.subarray(at, at + size)
      at += size
      if (this.#rules.drops()) continue
      const room = this.#rules.cut() - this.passed
      const piece = whole.length > room ? whole.subarray(0, Math.max(0, room)) : whole
      this.passed += piece.length
      if (!this.#to.write(piece) && !this.#to.destroyed) await drained(this.#to)
      if (piece.length < whole.length) {
        // What was written last still leaves before the reset.
        await new Promise((resolve) => setTimeout(resolve, 10))
        return this.#rules.onCut()
      }
      if (Number.isFinite(bytesPerSecond))
        await new Promise((resolve) => setTimeout(resolve, (size / bytesPerSecond) * 1_000))
      else if (Number.isFinite(sliceBytes)) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close'] as const) socket.off(event, done)
      resolve()
    }
    for (const event of ['drain', 'close'] as const) socket.on(event, done)
  })
}
