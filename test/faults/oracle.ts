// What a state must hold, computed from the ledger of what was produced, and what its incidents and messages must be like.
//
// Every check answers with what is wrong, in words; an empty list says that all is well.

import assert from 'node:assert/strict'
import type { Reference } from '../../src/reference/reference.ts'
import type { Ledger, PaneCounts } from '../build/ledger.ts'
import { emptyPane, PANE_MS } from '../build/ledger.ts'
import type { Received } from '../build/receivers.ts'
import type { DumpLine } from '../build/state.ts'
import { panesOf } from '../build/state.ts'

/** Unknown models are sampled, not kept whole. */
const SAMPLES_MAX = 100

/** Panes, counters and quarantine against the ledger. */
export function stateFaults(ledger: Ledger, lines: readonly DumpLine[], reference: Reference): string[] {
  return [...recordFaults(ledger, lines), ...paneFaults(ledger, lines, reference)]
}

/** Counters and quarantine against the ledger: for states whose panes were dropped when their time had passed. */
export function recordFaults(ledger: Ledger, lines: readonly DumpLine[]): string[] {
  return [...counterFaults(ledger, lines), ...quarantineFaults(ledger, lines)]
}

/** Records that are applied twice hide behind the join, which counts each id once; these counters see every record. */
function counterFaults(ledger: Ledger, lines: readonly DumpLine[]): string[] {
  const counters = new Map(of(lines, 'counter').map((line) => [line['name'] as string, line['value'] as number]))
  const wanted = new Map([
    ['predictions', ledger.predictions],
    ['labels', ledger.labels],
    ['duplicate_predictions', ledger.duplicates],
  ])
  for (const [reason, times] of ledger.rejected)
    wanted.set(reason === 'unknown_model' ? reason : `rejected/${reason}`, times)
  return [...wanted].flatMap(([name, expected]) =>
    (counters.get(name) ?? 0) === expected ? [] : [`${name}: ${counters.get(name)} instead of ${expected}`],
  )
}

function quarantineFaults(ledger: Ledger, lines: readonly DumpLine[]): string[] {
  const found = new Map<string, Set<string>>()
  const rows = of(lines, 'quarantined')
  for (const { reason, topic, partition, record_offset } of rows) {
    const places = found.get(reason as string) ?? new Set()
    found.set(reason as string, places.add(`${topic}/${partition}/${record_offset}`))
  }
  const distinct = [...found.values()].reduce((sum, places) => sum + places.size, 0)
  const twice = rows.length - distinct
  const wrong = [...ledger.rejected].flatMap(([reason, times]) => {
    const expected = reason === 'unknown_model' ? Math.min(SAMPLES_MAX, times) : times
    const got = found.get(reason)?.size ?? 0
    return got === expected ? [] : [`quarantined as ${reason}: ${got} records instead of ${expected}`]
  })
  return twice === 0 ? wrong : [...wrong, `${twice} records are quarantined more than once`]
}

function paneFaults(ledger: Ledger, lines: readonly DumpLine[], reference: Reference): string[] {
  const found = panesOf(lines, reference)
  const wrong: string[] = []
  for (const [start, pane] of ledger.panes) {
    const got = found.get(start)
    if (got === undefined) wrong.push(`pane ${start} is missing`)
    else if (!isSame({ ...got, jobs: { ...got.jobs } }, pane))
      wrong.push(`pane ${new Date(start).toISOString()}: ${JSON.stringify(got)} instead of ${JSON.stringify(pane)}`)
  }
  for (const start of found.keys()) if (!ledger.panes.has(start)) wrong.push(`pane ${start} should not be`)
  return wrong
}

function isSame(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b)
    return true
  } catch {
    return false
  }
}

/**
 * The newest revision of each stored window holds what the ledger's rows of its span make it hold.
 *
 * @param least so many windows must be there
 */
export function windowFaults(ledger: Pick<Ledger, 'panes'>, lines: readonly DumpLine[], least: number): string[] {
  const newest = new Map<string, DumpLine>()
  for (const line of of(lines, 'result')) newest.set(`${line['window']}|${line['window_end']}`, line)
  const wrong = newest.size < least ? [`${newest.size} windows are there, at least ${least} should be`] : []
  for (const window of newest.values()) {
    const [start, end] = [window['window_start'] as number, window['window_end'] as number]
    const sum = sumOf(ledger, start, end)
    const verdicts = new Map((window['verdicts'] as Verdict[]).map(({ monitor, value }) => [monitor, value]))
    const right = sum.truePositives + sum.trueNegatives
    const expected: Array<[string, unknown, unknown]> = [
      ['samples', window['samples'], sum.predicted],
      ['share of missing amounts', verdicts.get('quality/missing/amount'), sum.missingAmounts / sum.predicted],
    ]
    if (window['provisional'] === 0)
      expected.push(
        ['labels', window['labelled'], sum.labelled],
        ['accuracy', verdicts.get('performance/accuracy'), right / sum.labelled],
      )
    for (const [what, got, want] of expected)
      if (got !== want)
        wrong.push(`${what} of the window that ends ${new Date(end).toISOString()}: ${got} instead of ${want}`)
  }
  return wrong
}

interface Verdict {
  readonly monitor: string
  readonly value: number
}

function sumOf(ledger: Pick<Ledger, 'panes'>, from: number, to: number): PaneCounts {
  const sum = emptyPane()
  for (let start = from; start < to; start += PANE_MS) {
    const pane = ledger.panes.get(start)
    if (pane === undefined) continue
    for (const key of counted) sum[key] += pane[key]
  }
  return sum
}

const counted = ['predicted', 'missingAmounts', 'labelled', 'truePositives', 'trueNegatives'] as const

/** How incidents, their transitions and their messages hang together. */
export function incidentFaults(lines: readonly DumpLine[], channel: string): string[] {
  const wrong: string[] = []
  const sequences = new Map<string, number[]>()
  const wanted = new Set<string>()
  const last = new Map<string, string>()
  for (const { incident, sequence, change } of of(lines, 'transition') as unknown as Transition[]) {
    sequences.set(incident, [...(sequences.get(incident) ?? []), sequence])
    last.set(incident, change)
    if (isTold(change)) wanted.add(`${incident}:${sequence}:${channel}`)
  }
  const incidents = of(lines, 'incident')
  if (new Set(incidents.map(({ id }) => id)).size !== incidents.length) wrong.push('an incident is there twice')
  for (const { id, state, sequence } of incidents as unknown as Incident[]) {
    const found = sequences.get(id) ?? []
    if (found.some((number, i) => number !== i + 1) || found.length !== sequence)
      wrong.push(`incident ${id}: transitions ${found.join(', ')}, its own number is ${sequence}`)
    const change = last.get(id)
    const ended = state === 'resolved'
    if (ended !== (change === 'resolved' || change === 'withdrawn'))
      wrong.push(`incident ${id} is ${state}, and its last transition is ${change}`)
    sequences.delete(id)
  }
  for (const id of sequences.keys()) wrong.push(`transitions of ${id}, and no incident`)
  for (const { key, state } of of(lines, 'notification')) {
    if (!wanted.delete(key as string)) wrong.push(`message ${key} belongs to no transition`)
    if (state !== 'delivered') wrong.push(`message ${key} is ${state}`)
  }
  for (const key of wanted) wrong.push(`message ${key} is not there`)
  return wrong
}

interface Transition {
  readonly incident: string
  readonly sequence: number
  readonly change: string
}

interface Incident {
  readonly id: string
  readonly state: string
  readonly sequence: number
}

/** Whether people are told of a transition. */
function isTold(change: string): boolean {
  return change === 'firing' || change === 'update' || change === 'resolved'
}

/**
 * What a receiver got against what the state says was sent: everything at least once, nothing else, and what came again came
 * under the same key with the same body.
 *
 * @param duplicatesMax as many effects may be duplicates
 */
export function effectFaults(
  lines: readonly DumpLine[],
  received: readonly Received[],
  duplicatesMax: number,
): { wrong: string[]; duplicates: number } {
  const wrong: string[] = []
  const effects = new Map<string, string>()
  let duplicates = 0
  for (const { headers, body } of received) {
    const key = headers['webhook-id'] as string
    const before = effects.get(key)
    const said = JSON.stringify({ ...JSON.parse(body), timestamp: null })
    if (before === undefined) effects.set(key, said)
    else duplicates++
    if (before !== undefined && before !== said) wrong.push(`message ${key} said something else when it came again`)
  }
  // What waited may have been told together with other messages, under the key of all of them.
  for (const key of new Set(of(lines, 'notification').map(({ key: own, batch }) => (batch ?? own) as string))) {
    if (!effects.delete(key)) wrong.push(`message ${key} never arrived`)
  }
  for (const key of effects.keys()) wrong.push(`message ${key} arrived, and nothing is known of it`)
  if (duplicates > duplicatesMax) wrong.push(`${duplicates} duplicates, at most ${duplicatesMax} may be`)
  return { wrong, duplicates }
}

export function of(lines: readonly DumpLine[], type: string): DumpLine[] {
  return lines.filter((line) => line.type === type)
}
