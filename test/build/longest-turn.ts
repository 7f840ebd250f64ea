// The longest turn of this process's event loop, in processor time: what others do on the machine meanwhile does not count, so that a
// bound holds on a machine that is busy.

export class LongestTurn {
  #longestMs = 0
  #usedMs = usedMs()
  #isOn = false

  start(): void {
    this.#longestMs = 0
    this.#usedMs = usedMs()
    this.#isOn = true
    setImmediate(this.#turn)
  }

  readonly #turn = () => {
    const now = usedMs()
    this.#longestMs = Math.max(this.#longestMs, now - this.#usedMs)
    this.#usedMs = now
    if (this.#isOn) setImmediate(this.#turn)
  }

  /** @returns milliseconds */
  stop(): number {
    this.#isOn = false
    this.#turn()
    return this.#longestMs
  }
}

function usedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
