// Brings predictions and labels together by id, in whichever order they come, each counted once.
//
// An id goes through these states, and the entry in `Waiting` is the state:
//   nothing        → prediction comes → waiting for a label
//   nothing        → label comes      → early label
//   early label    → prediction comes → labelled (the outcome is added)
//   waiting        → label comes      → labelled (the outcome is added)
//   labelled       → later label      → labelled (the old outcome is taken out, the new one added)
//   labelled       → retraction       → waiting again (the old outcome is taken out)
// Of two labels the one with the later event time counts; of two with the same time, the one that came later.
// An early label is kept as long as a prediction of the moment at which it came: its own time says nothing of that.

import type { LabelEvent, OutcomeValue } from '../events/event.ts'
import type { Hash64 } from '../events/id-hash.ts'
import { hashInto } from '../events/id-hash.ts'
import type { Instant } from '../time.ts'
import type { EarlyLabelEntry, PredictionEntry } from './entry.ts'
import { packEntry, unpackEntry } from './entry.ts'
import type { Waiting } from './waiting.ts'

export type LabelFate =
  | 'joined'
  | 'early'
  | 'corrected'
  | 'retracted'
  /** The same label again. */
  | 'duplicate'
  /** A later label had come before it. */
  | 'superseded'
  /** The label horizon of its prediction has passed. */
  | 'too-late'
  | 'unknown-class'

/** What became of a prediction: counted before, or new, and then what became of a label that had come before it. */
export type PredictionFate = 'repeated' | 'unlabelled' | LabelFate

/** What the join needs to know of the model that owns an id. */
export interface LabelReader {
  /** The label as a number of the stream: class index or value; NaN when the model has no such class. */
  labelOf(stream: number, label: OutcomeValue): number
  /** Event time before which predictions are no longer open to labels. */
  horizonStart(): Instant
  /** How far event time has come, for what arrives now; undefined while nothing tells. */
  present(): Instant | undefined
}

/** Called for every change of outcomes: the labelled prediction counts (1) or no longer counts (−1). `isFirst`: it had no label. */
export type OutcomeChange = (entry: PredictionEntry, sign: 1 | -1, isFirst: boolean) => void

/** A prediction as the join keeps it, before any label. */
export type NewPrediction = Pick<PredictionEntry, 'stream' | 'time' | 'prediction' | 'outputs' | 'segments'>

export interface Join {
  /** Of several predictions of an id the first one counts. */
  prediction(model: number, id: string, prediction: NewPrediction): PredictionFate
  label(model: number, event: LabelEvent): LabelFate
}

export function createJoin(waiting: Waiting, reader: LabelReader, changed: OutcomeChange): Join {
  const hash: Hash64 = { high: 0, low: 0 }

  /** Applies a label to a prediction's entry, which is stored by the caller. */
  function apply(entry: PredictionEntry, label: LabelEvent | EarlyLabelEntry): LabelFate {
    if (label.time < entry.labelTime) return 'superseded'
    const value = label.label === null ? Number.NaN : reader.labelOf(entry.stream, label.label)
    if (label.label !== null && Number.isNaN(value)) return 'unknown-class'
    const before = entry.label
    if (label.time === entry.labelTime && Object.is(before, value)) return 'duplicate'
    if (!Number.isNaN(before) && !Object.is(before, value)) changed(entry, -1, false)
    entry.label = value
    entry.labelTime = label.time
    if (Number.isNaN(value)) return 'retracted'
    if (Object.is(before, value)) return 'duplicate'
    changed(entry, 1, Number.isNaN(before))
    return Number.isNaN(before) ? 'joined' : 'corrected'
  }

  return {
    prediction(model, id, { stream, time, prediction, outputs, segments }) {
      hashInto(hash, id, model)
      const found = waiting.get(hash)
      const known = found === undefined ? undefined : unpackEntry(found)
      if (known?.kind === 'prediction') return 'repeated'
      const entry: PredictionEntry = {
        kind: 'prediction',
        stream,
        time,
        prediction,
        outputs,
        segments,
        label: Number.NaN,
        labelTime: -1,
      }
      const fate = known === undefined ? 'unlabelled' : apply(entry, known)
      waiting.put(hash, packEntry(entry), time)
      return fate
    },
    label(model, event) {
      hashInto(hash, event.id, model)
      const found = waiting.get(hash)
      const known = found === undefined ? undefined : unpackEntry(found)
      if (known?.kind === 'prediction') {
        if (known.time < reader.horizonStart()) return 'too-late'
        const fate = apply(known, event)
        if (fate !== 'superseded' && fate !== 'unknown-class') waiting.put(hash, packEntry(known), known.time)
        return fate
      }
      if (known !== undefined && event.time < known.time) return 'superseded'
      const label = event.op === 'retract' ? null : event.label
      if (known !== undefined && event.time === known.time && sameLabel(known.label, label)) return 'duplicate'
      waiting.put(hash, packEntry({ kind: 'early-label', time: event.time, label }), reader.present() ?? event.time)
      return 'early'
    },
  }
}

/** The order of names in a list says nothing. */
function sameLabel(a: OutcomeValue | null, b: OutcomeValue | null): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b
  return a.length === b.length && a.every((name) => b.includes(name))
}
