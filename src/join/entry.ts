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
  /** Numbers of the segments that it was counted in (`segment-values.ts`), to which its label is credited too. */
  segments: readonly number[]
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
/** As a prediction, and behind its outputs the numbers of its segments. Those without any are written as ever. */
const SEGMENTED = 3
const headBytes = 1 + 4 + 8 + 8 + 8 + 8 + 2

/** Numbers that an entry can hold: the probabilities of so many classes. */
export const OUTPUTS_MAX = 1000

/** The largest number of a segment. */
export const SEGMENT_NUMBER_MAX = 0xffff

/** Of a row that is counted in none. */
export const NO_SEGMENTS: readonly number[] = Object.freeze([])

/** As much as the store keeps of one id; more than any label, or any list of labels, needs. */
const scratch = new Uint8Array(0xffff)
const view = new DataView(scratch.buffer)
const toText = new TextDecoder()
const toBytes = new TextEncoder()

/** Packs an entry. The bytes are valid until the next call. */
export function packEntry(entry: Entry): Uint8Array {
  if (entry.kind === 'prediction') {
    const { outputs, segments } = entry
    view.setUint8(0, segments.length === 0 ? PREDICTION : SEGMENTED)
    view.setUint32(1, entry.stream)
    view.setFloat64(5, entry.time)
    view.setFloat64(13, entry.prediction)
    view.setFloat64(21, entry.label)
    view.setFloat64(29, entry.labelTime)
    view.setUint16(37, outputs.length)
    for (let i = 0; i < outputs.length; i++) view.setFloat64(headBytes + 8 * i, outputs[i] as number)
    const end = headBytes + 8 * outputs.length
    for (let i = 0; i < segments.length; i++) view.setUint16(end + 2 * i, segments[i] as number)
    return scratch.subarray(0, end + 2 * segments.length)
  }
  view.setUint8(0, EARLY_LABEL)
  view.setFloat64(1, entry.time)
  const written = toBytes.encodeInto(JSON.stringify(entry.label), scratch.subarray(9)).written
  return scratch.subarray(0, 9 + written)
}

/** Unpacks what `packEntry` packed. */
export function unpackEntry(bytes: Uint8Array): Entry {
  const read = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kind = read.getUint8(0)
  if (kind === EARLY_LABEL) {
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
    segments: kind === SEGMENTED ? readSegments(read, headBytes + 8 * outputs.length) : NO_SEGMENTS,
  }
}

function readSegments(read: DataView, from: number): number[] {
  const segments: number[] = []
  for (let at = from; at < read.byteLength; at += 2) segments.push(read.getUint16(at))
  return segments
}
