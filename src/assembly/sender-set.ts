// The channels and orchestrators in use; a reload replaces them while messages are on their way.

import type { Sender } from '../delivery/sender.ts'

interface Used {
  readonly sender: Sender
  readonly underWay: Set<Promise<unknown>>
}

/** Senders by channel name. One that was replaced is closed when what it was sending has ended. */
export class SenderSet {
  #used: ReadonlyMap<string, Used>
  readonly #closing = new Set<Promise<void>>()

  constructor(senders: ReadonlyMap<string, Sender>) {
    this.#used = usedOf(senders)
  }

  get(name: string): Sender | undefined {
    const used = this.#used.get(name)
    if (used === undefined) return undefined
    const { sender, underWay } = used
    return {
      name: sender.name,
      send(...message) {
        const sending = sender.send(...message)
        underWay.add(sending)
        return sending.finally(() => underWay.delete(sending))
      },
      close: () => sender.close(),
    }
  }

  replace(senders: ReadonlyMap<string, Sender>): void {
    for (const used of this.#used.values()) this.#close(used)
    this.#used = usedOf(senders)
  }

  #close({ sender, underWay }: Used): void {
    const closing = Promise.allSettled(underWay)
      .then(() => sender.close())
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  /** Closes all, replaced ones included. */
  async close(): Promise<void> {
    this.replace(new Map())
    await Promise.all(this.#closing)
  }
}

/** Puts senders into use. */
function usedOf(senders: ReadonlyMap<string, Sender>): ReadonlyMap<string, Used> {
  for (const sender of senders.values()) sender.start?.()
  return new Map([...senders].map(([name, sender]) => [name, { sender, underWay: new Set<Promise<unknown>>() }]))
}
