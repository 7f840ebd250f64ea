// Rows of a model for tests of monitors: `rows(1000).shift('n0', 0.5)`.

import type { PredictionEvent } from '../../src/events/event.ts'
import type { ReferenceRow } from '../../src/reference/reading.ts'
import { seeded } from './random.ts'

const MINUTE = 60_000

/** A standard normal number. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Independent rows, one a minute unless told otherwise: `numbers` normal columns n0, n1, …, one category c, a score, a decision and a label. */
export function rows(
  count: number,
  options: { seed: number; numbers: number; from?: number; everyMs?: number },
): ReferenceRow[] {
  const random = seeded(options.seed)
  const { everyMs = MINUTE } = options
  return Array.from({ length: count }, (_, i) => {
    const features: Record<string, unknown> = {}
    for (let n = 0; n < options.numbers; n++) features[`n${n}`] = normal(random)
    features['c'] = `v${Math.floor(random() ** 2 * 8)}`
    const score = random()
    const event: PredictionEvent = {
      kind: 'prediction',
      id: String(i),
      model: 'm',
      version: '',
      time: (options.from ?? 0) + Math.floor(i * everyMs),
      features,
      prediction: score > 0.5 ? '1' : '0',
      score,
      probabilities: null,
    }
    return { event, label: random() < score ? '1' : '0' }
  })
}

/** The same rows with one column changed. */
export function changed(
  from: readonly ReferenceRow[],
  column: string,
  change: (value: unknown, row: number) => unknown,
): ReferenceRow[] {
  return from.map(({ event, label }, i) => ({
    label,
    event: { ...event, features: { ...event.features, [column]: change(event.features[column], i) } },
  }))
}
