import { formatInstant } from '../time.ts'
import type { LabelEvent, PredictionEvent } from './event.ts'

/**
 * An event as canonical JSON, which the canonical decoder reads back as the same event.
 *
 * What an event does not have is left out. Feature values that JSON cannot write (not-a-number, infinities) become null.
 */
export function toCanonical(event: PredictionEvent | LabelEvent): string {
  const { kind: type, id, model } = event
  const time = formatInstant(event.time)
  if (event.kind === 'label') {
    return JSON.stringify({ type, id, model, time, label: event.label ?? undefined, op: event.op })
  }
  return JSON.stringify({
    type,
    id,
    model,
    version: event.version === '' ? undefined : event.version,
    time,
    features: event.features,
    prediction: event.prediction ?? undefined,
    score: event.score ?? undefined,
    probabilities: event.probabilities ?? undefined,
    segments: event.segments ?? undefined,
  })
}
