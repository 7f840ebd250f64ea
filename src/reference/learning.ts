// Learns a reference from the first days of the stream: events are held back until the period has passed.

import type { LabelEvent, PredictionEvent } from '../events/event.ts'
import type { Instant, Millis } from '../time.ts'
import type { ReferenceRow } from './reading.ts'

/** Predictions after which learning ends early: enough for every bin, and few enough to hold. */
const ROWS_MAX = 200_000

/** What is held in bytes when nobody says otherwise. */
const BYTES_MAX = 128 * 2 ** 20

export type HeldEvent = PredictionEvent | LabelEvent

export class LearningPeriod {
  readonly #lengthMs: Millis
  readonly #events: HeldEvent[] = []
  readonly #bytesMax: number
  #predictions = 0
  #predictionBytes = 0
  #labelBytes = 0
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY

  /** @param bytesMax half of it for labels, half for predictions; when the latter is full, learning ends early */
  constructor(lengthMs: Millis, bytesMax = BYTES_MAX) {
    this.#lengthMs = lengthMs
    this.#bytesMax = bytesMax / 2
  }

  /** @returns false when it is not held: there is no room for further labels */
  hold(event: HeldEvent): boolean {
    const bytes = sizeOf(event)
    if (event.kind === 'label') {
      if (this.#labelBytes + bytes > this.#bytesMax) return false
      this.#labelBytes += bytes
      this.#events.push(event)
      return true
    }
    this.#events.push(event)
    this.#predictionBytes += bytes
    this.#predictions++
    if (event.time < this.#from) this.#from = event.time
    if (event.time > this.#to) this.#to = event.time
    return true
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
    return this.#predictions >= ROWS_MAX || this.#predictionBytes >= this.#bytesMax
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

/** About what an event takes as JSON; the same however and whenever it is read, so that learning ends at the same event again. */
function sizeOf(event: HeldEvent): number {
  let bytes = 100 + event.id.length
  if (event.kind === 'label') return bytes + sizeOfValue(event.label)
  for (const [name, value] of Object.entries(event.features)) bytes += name.length + 4 + sizeOfValue(value)
  return bytes + sizeOfValue(event.probabilities)
}

function sizeOfValue(value: unknown): number {
  if (typeof value === 'string') return value.length
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 8
}
