// What an orchestrator's answers mean, by its description.
//
// What matters in every answer is whether a run may have begun. Nothing was started when the receiver says so (4xx, but for a
// time-out of its own). A failure of the receiver (5xx), or an answer that is not understood, leaves it open: it is `unknown` then,
// and never called a failure.

import type { Found, JsonValue, Launch, Run, RunState } from '../../retraining/orchestrator.ts'
import { parseInstant } from '../../time.ts'
import { retryAfter } from '../http-post.ts'
import type { ReadAnswer } from './answer.ts'
import { extract, holdAll, holdsOne, said, textAt, valueAt } from './answer.ts'
import { withoutSlash } from './filling.ts'
import type { HttpTarget, RunStateName, ValueFrom } from './target.ts'
import type { Values } from './template.ts'
import { fillPath, fillText } from './template.ts'
import { explain, isOpen, isTooSoon, strange } from './trouble.ts'

/** Runs that wait in a queue are known by what is after this. */
const QUEUED = 'queue:'
/** Runs that the receiver did not name, and that are found by our key. */
const UNNAMED = 'key:'

/** The id in the queue of a run that has no other yet. */
export function queuedId({ id }: Run): string | null {
  return id.startsWith(QUEUED) ? id.slice(QUEUED.length) : null
}

/** Whether a run was begun without its id being told. */
export function isUnnamed({ id }: Run): boolean {
  return id.startsWith(UNNAMED)
}

/** What an answer to a launch means; `already`: it says that it has our key. */
export function launchIn(answer: ReadAnswer, target: HttpTarget, values: Values): Launch | 'already' {
  const { launch, calls } = target
  const { status, json, text, headers, isWhole } = answer
  const words = said(answer, launch.because)
  if (holdsOne(launch.later, json, values)) return { result: 'retry', because: words, ...retryAfter(headers) }
  if (launch.already.includes(status)) return 'already'
  if (launch.accepted.includes(status)) {
    if (holdsOne(launch.unsure, json, values)) return { result: 'unknown', because: words }
    // Cut off, or a page of something in between: whoever answered so may have passed the request on.
    const isExpected = Object.keys(launch.where).length > 0 || (launch.id?.from === 'body' && text !== '')
    if (!isWhole || (isExpected && json === undefined)) return { result: 'unknown', because: strange(calls, words) }
    if (!holdAll(launch.where, json, values)) return { result: 'refused', because: words }
    return { result: 'started', run: launchedRun(answer, target, values), detail: words }
  }
  if (isTooSoon(status)) return { result: 'retry', because: words, ...retryAfter(headers) }
  if (isOpen(status)) return { result: 'unknown', because: words, ...retryAfter(headers) }
  return { result: 'refused', because: explain(answer, calls, launch.because) }
}

/**
 * It says that it has our key: true when it can show the run.
 *
 * @param found what it answered when it was asked for that run; null: it cannot be asked
 */
export function alreadyIn(answer: ReadAnswer, target: HttpTarget, values: Values, found: Found | null): Launch {
  const detail = said(answer, target.launch.because)
  switch (found?.result) {
    case undefined:
      return holdAll(target.launch.where, answer.json, values)
        ? { result: 'already', run: launchedRun(answer, target, values), detail }
        : { result: 'refused', because: `${detail}; yet it does not say that it is the run with our key` }
    case 'found':
      return { result: 'already', run: found.run, detail }
    case 'none':
      return { result: 'refused', because: `${detail}; yet it has no run with our key` }
    case 'unknown':
      return { ...found, because: `${detail}; whether that run is ours: ${found.because}` }
  }
}

/** Whether a run with our key is in an answer. */
export function foundIn(answer: ReadAnswer, target: HttpTarget, values: Values): Found {
  const { find, calls } = target
  if (find === null) return { result: 'unknown', because: `${calls} cannot be asked for a run by its key` }
  if (find.none.includes(answer.status)) return { result: 'none' }
  // Protocol buffers leave out what is empty.
  const items = find.items === null ? [answer.json] : (valueAt(answer.json, find.items) ?? [])
  if (answer.status !== 200 || !Array.isArray(items) || answer.json === undefined)
    return { result: 'unknown', because: explain(answer, calls), ...retryAfter(answer.headers) }
  const ours: unknown = items.find((item) => holdAll(find.where, item, values))
  if (ours === undefined) return { result: 'none' }
  const run = runIn({ ...answer, json: ours }, find, target, values)
  return run === null
    ? { result: 'unknown', because: `${calls} has a run with our key, but its id is not where it should be` }
    : { result: 'found', run }
}

function launchedRun(answer: ReadAnswer, target: HttpTarget, values: Values): Run | null {
  const run = runIn(answer, target.launch, target, values)
  if (run === null && target.find !== null) return { id: `${UNNAMED}${values['key']}`, link: null }
  return run === null || target.queue === null ? run : { ...run, id: `${QUEUED}${run.id}` }
}

/** Where a run's id is, its link may be. */
function runIn(
  answer: ReadAnswer,
  { id, link }: { readonly id: ValueFrom | null; readonly link: string | null },
  target: HttpTarget,
  values: Values,
): Run | null {
  const found = id === null ? undefined : extract(id, answer, values)
  return found === undefined ? null : { id: found, link: linkOf(link, found, { target, answer, values }) }
}

function linkOf(
  template: string | null,
  id: string,
  { target, answer, values }: { target: HttpTarget; answer: ReadAnswer; values: Values },
): string | null {
  if (template === null) return null
  const all: Values = { ...values, run: { id }, answer: (answer.json ?? null) as JsonValue }
  // An address that the receiver tells is taken as it is, everything else is a part of one.
  const isWhole = /^\{\{answer\.[\w.-]+\}\}$/.test(template)
  try {
    const text = isWhole
      ? fillText(template, all)
      : fillPath(template.replace('{{url}}', withoutSlash(target.url)), all)
    const address = new URL(text)
    return ['http:', 'https:'].includes(address.protocol) ? address.href : null
  } catch {
    return null
  }
}

/** How a run that waits in a queue stands; a run: it has left it, and has this id now. */
export function queuedIn(answer: ReadAnswer, target: HttpTarget, values: Values): RunState | Run {
  const { queue } = target
  if (answer.status !== 200 || queue === null) return unanswered(answer, target)
  if (holdsOne(queue.cancelled, answer.json, values))
    return { state: 'cancelled', detail: 'taken out of the queue', output: {} }
  const id = textAt(answer.json, queue.id)
  if (id === undefined) return { state: 'queued', detail: 'waits in the queue' }
  return { id, link: linkOf(queue.link, id, { target, answer, values }) }
}

/** How a run stands. */
export function stateIn(answer: ReadAnswer, target: HttpTarget, values: Values): RunState {
  const { poll, calls, launch } = target
  if (poll === null) return { state: 'unanswered', because: `${calls} cannot be asked how a run stands` }
  const { json } = answer
  if (holdsOne(poll.lost, json, values)) return { state: 'lost', because: said(answer, launch.because) }
  if (answer.status !== 200 || json === undefined) return unanswered(answer, target)
  const texts = poll.state.map((path) => textAt(json, path) ?? '')
  const meaning = new Map(poll.states.map(([name, state]) => [fillText(name, values), state]))
  const found = texts.find((text) => text !== '' && meaning.has(text)) ?? texts.findLast((text) => text !== '') ?? ''
  const state = meaning.get(found) ?? (found === '' ? null : poll.otherwise)
  if (state !== null) return stateCalled(state, found, json, poll)
  const because =
    found === ''
      ? `no state in what ${calls} says: ${said(answer)}`
      : `${calls} says ${JSON.stringify(found.slice(0, 100))}, which is none of the states that leeway knows`
  return { state: 'unanswered', because }
}

function stateCalled(
  state: RunStateName,
  found: string,
  json: unknown,
  poll: NonNullable<HttpTarget['poll']>,
): RunState {
  const why = poll.detail.map((path) => textAt(json, path)).find((text) => text !== undefined)
  const detail = [found, why].filter((text) => text !== undefined && text !== '').join(': ')
  const startedAt = instantAt(json, poll.startedAt)
  const begun = { detail, ...(startedAt !== undefined && { startedAt }) }
  if (state === 'queued' || state === 'running') return { state, ...begun }
  const endedAt = instantAt(json, poll.endedAt)
  // What another run gave back may still stand there when this one failed.
  const output = Object.entries(state === 'succeeded' ? poll.output : {}).flatMap(([name, path]) => {
    const value = textAt(json, path)
    return value === undefined ? [] : [[name, value] as const]
  })
  return { state, ...begun, ...(endedAt !== undefined && { endedAt }), output: Object.fromEntries(output) }
}

function unanswered(answer: ReadAnswer, { calls }: HttpTarget): RunState {
  const because = explain(answer, calls)
  return answer.status === 404 || answer.status === 410
    ? { state: 'lost', because }
    : { state: 'unanswered', because, ...retryAfter(answer.headers) }
}

function instantAt(json: unknown, path: string | null): number | undefined {
  return path === null ? undefined : parseInstant(valueAt(json, path))
}
