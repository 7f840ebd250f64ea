// Learns a reference from the first days of the stream: events are held back until the period has passed.

import type { LabelEvent, PredictionEvent } from '../events/event.ts'
import type { Instant, Millis } from '../time.ts'
import type { ReferenceRow } from './reading.ts'

/** Predictions after which learning ends early: enough for every bin, and few enough to hold. */
const ROWS_MAX = 200_000

export type HeldEvent = PredictionEvent | LabelEvent

export class LearningPeriod {
  readonly #lengthMs: Millis
  readonly #events: HeldEvent[] = []
  #predictions = 0
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY

  constructor(lengthMs: Millis) {
    this.#lengthMs = lengthMs
  }

  hold(event: HeldEvent): void {
    this.#events.push(event)
    if (event.kind !== 'prediction') return
    this.#predictions++
    if (event.time < this.#from) this.#from = event.time
    if (event.time > this.#to) this.#to = event.time
  }

  /** Event time at which the period ends; the watermark must have passed it. */
  get end(): Instant {
    return this.#from + this.#lengthMs
  }

  /** When the rows end that are learnt from: with the period, or earlier at the limit of rows. */
  get until(): Instant {
    return this.#isFull ? Math.min(this.end, this.#to) : this.end
  }

  get spanMs(): Millis {
    return this.until - this.#from
  }

  get #isFull(): boolean {
    return this.#predictions >= ROWS_MAX
  }

  isComplete(watermark: Instant | undefined): boolean {
    return this.#isFull || (watermark !== undefined && watermark >= this.end)
  }

  /** Everything that was held back, in order of arrival. */
  get events(): readonly HeldEvent[] {
    return this.#events
  }

  /** The period's predictions, the first of each id, with the labels that are known by now. */
  rows(): ReferenceRow[] {
    const labels = new Map<string, LabelEvent>()
    const predictions = new Map<string, PredictionEvent>()
    for (const event of this.#events) {
      if (event.kind === 'label') {
        if (event.time >= (labels.get(event.id)?.time ?? 0)) labels.set(event.id, event)
      } else if (event.time < this.end && !predictions.has(event.id)) predictions.set(event.id, event)
    }
    return [...predictions.values()].map((event) => {
      const label = labels.get(event.id)
      return { event, label: label === undefined || label.op === 'retract' ? null : label.label }
    })
  }
}
