// What is remembered of an id until the label horizon has passed, and how it is packed.

import type { OutcomeValue } from '../events/event.ts'
import type { Instant } from '../time.ts'

/** A prediction, with or without its label. */
export interface PredictionEntry {
  readonly kind: 'prediction'
  /** Index of the stream (model version) that made it. */
  stream: number
  time: Instant
  /** Class index, the value of a regression, or the set of labels of a multilabel model (`label-set.ts`); NaN where it has none. */
  prediction: number
  /** Binary: [score]. Multiclass: a probability per class. Otherwise empty. */
  outputs: Float64Array
  /** Its label, likewise; NaN while it has none, or when it was retracted. */
  label: number
  /** Event time of the newest label event; −1 while there was none. */
  labelTime: number
}

/** A label (or its retraction) that came before its prediction. */
export interface EarlyLabelEntry {
  readonly kind: 'early-label'
  /** Event time of the label event. */
  time: Instant
  /** As it came: which class it is depends on the version that made the prediction. null = retracted. */
  label: OutcomeValue | null
}

export type Entry = PredictionEntry | EarlyLabelEntry

const PREDICTION = 1
const EARLY_LABEL = 2
const headBytes = 1 + 4 + 8 + 8 + 8 + 8 + 2

/** Numbers that an entry can hold: the probabilities of so many classes. */
export const OUTPUTS_MAX = 1000

/** As much as the store keeps of one id; more than any label, or any list of labels, needs. */
const scratch = new Uint8Array(0xffff)
const view = new DataView(scratch.buffer)
const toText = new TextDecoder()
const toBytes = new TextEncoder()

/** Packs an entry. The bytes are valid until the next call. */
export function packEntry(entry: Entry): Uint8Array {
  if (entry.kind === 'prediction') {
    view.setUint8(0, PREDICTION)
    view.setUint32(1, entry.stream)
    view.setFloat64(5, entry.time)
    view.setFloat64(13, entry.prediction)
    view.setFloat64(21, entry.label)
    view.setFloat64(29, entry.labelTime)
    view.setUint16(37, entry.outputs.length)
    for (let i = 0; i < entry.outputs.length; i++) view.setFloat64(headBytes + 8 * i, entry.outputs[i] as number)
    return scratch.subarray(0, headBytes + 8 * entry.outputs.length)
  }
  view.setUint8(0, EARLY_LABEL)
  view.setFloat64(1, entry.time)
  const written = toBytes.encodeInto(JSON.stringify(entry.label), scratch.subarray(9)).written
  return scratch.subarray(0, 9 + written)
}

/** Unpacks what `packEntry` packed. */
export function unpackEntry(bytes: Uint8Array): Entry {
  const read = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (read.getUint8(0) === EARLY_LABEL) {
    return { kind: 'early-label', time: read.getFloat64(1), label: JSON.parse(toText.decode(bytes.subarray(9))) }
  }
  const outputs = new Float64Array(read.getUint16(37))
  for (let i = 0; i < outputs.length; i++) outputs[i] = read.getFloat64(headBytes + 8 * i)
  return {
    kind: 'prediction',
    stream: read.getUint32(1),
    time: read.getFloat64(5),
    prediction: read.getFloat64(13),
    label: read.getFloat64(21),
    labelTime: read.getFloat64(29),
    outputs,
  }
}
