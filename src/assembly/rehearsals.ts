// Each model's alarm policy, replayed on its reference beside the work, and the false alarms it will raise.

import type { Rehearsal } from '../incidents/rehearsal.ts'
import type { Log } from '../telemetry/log.ts'

/** A rehearsal takes seconds: it goes on a few milliseconds at a time. */
const SLICE_MS = 5

export class Rehearsals {
  readonly #log: Log
  readonly #waiting = new Map<string, Generator<number, Rehearsal>>()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(log: Log) {
    this.#log = log
  }

  /** In place of one of the same model that has not ended. */
  add(model: string, rehearsal: Generator<number, Rehearsal>): void {
    this.#waiting.set(model, rehearsal)
    if (!this.#isStopped) this.#timer ??= setTimeout(this.#go, SLICE_MS)
  }

  readonly #go = () => {
    this.#timer = undefined
    const [first] = this.#waiting
    if (first === undefined) return
    const [model, rehearsal] = first
    const until = performance.now() + SLICE_MS
    let step = rehearsal.next()
    while (step.done !== true && performance.now() < until) step = rehearsal.next()
    if (step.done === true) {
      this.#waiting.delete(model)
      tell(model, step.value, this.#log)
    }
    if (this.#waiting.size > 0) this.#timer = setTimeout(this.#go, SLICE_MS)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }
}

function tell(model: string, rehearsal: Rehearsal, log: Log): void {
  const line = { model, ...rehearsal }
  if (rehearsal.withinBudget) log.info(line, 'the alarm policy was replayed on the reference')
  else log.warn(line, 'the alarm policy raises more false alarms on its own reference than the budget allows')
}
