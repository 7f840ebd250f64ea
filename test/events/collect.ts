// What a decoder says of one record, as a list.

import type { Decoder } from '../../src/events/decode.ts'
import type { LabelEvent, PredictionEvent, Rejection } from '../../src/events/event.ts'
import type { Row } from '../../src/sources/source.ts'

export type Heard = PredictionEvent | LabelEvent | ({ kind: 'rejected' } & Rejection)

/** Decodes one record given as text, bytes or a row. */
export function collect(decoder: Decoder, value: string | Uint8Array | Row | null): Heard[] {
  const heard: Heard[] = []
  decoder.decode(typeof value === 'string' ? new TextEncoder().encode(value) : value, {
    prediction: (event) => heard.push(event),
    label: (event) => heard.push(event),
    rejected: (rejection) => heard.push({ kind: 'rejected', ...rejection }),
  })
  return heard
}

/** The reason why a record is rejected, or what it was read as instead. */
export function reasonFor(decoder: Decoder, value: string | Uint8Array | Row): string {
  const heard = collect(decoder, value)
  return heard.map((one) => (one.kind === 'rejected' ? one.reason : one.kind)).join(', ')
}

/** A row as sources hand it on: without a prototype. */
export function row(cells: Record<string, unknown>): Row {
  return Object.assign(Object.create(null), cells)
}
