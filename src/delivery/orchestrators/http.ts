// Asks an orchestrator that is described as data, over HTTP.

import type { Outbound } from '../../outbound/outbound.ts'
import type {
  Check,
  Found,
  JsonValue,
  Launch,
  Lookable,
  Run,
  RunRequest,
  RunState,
} from '../../retraining/orchestrator.ts'
import type { Clock } from '../../time.ts'
import { keysOf } from '../http-post.ts'
import { holdAll, holdsOne, said, textAt } from './answer.ts'
import { conversation } from './conversation.ts'
import { valuesOf, withoutSlash } from './filling.ts'
import { alreadyIn, foundIn, isUnnamed, launchIn, queuedId, queuedIn, stateIn } from './reading.ts'
import type { HttpTarget } from './target.ts'
import type { Values } from './template.ts'
import type { Trouble } from './trouble.ts'
import { explain, launchOf, troubleIn, troubleOf } from './trouble.ts'

export interface HttpOptions {
  readonly outbound: Outbound
  readonly clock: Clock
}

type Prepared = { readonly values: Values } | { readonly trouble: Trouble }

/** @throws Error when the secret of a signature is none */
export function createHttpOrchestrator(name: string, target: HttpTarget, options: HttpOptions): Lookable {
  const { calls, auth, launch, find, queue, poll, check } = target
  if (auth.type === 'signature') keysOf(auth.secret())
  const ask = conversation(target, options)

  /** The values of a request, with what had to be asked for first. Nothing is started by that. */
  async function prepare(request: RunRequest, signal: AbortSignal): Promise<Prepared> {
    const values = valuesOf(request, target)
    const before: Record<string, JsonValue> = {}
    for (const step of target.before) {
      const asked = await ask(step.request, { ...values, before }, signal)
      if ('trouble' in asked) return { trouble: { ...asked.trouble, what: beforeLaunch(asked.trouble) } }
      const value = asked.answer.status === 200 ? textAt(asked.answer.json, step.value) : undefined
      if (value === undefined)
        return { trouble: troubleIn(asked.answer, step.name, explain(asked.answer, calls, launch.because)) }
      before[step.name] = value
    }
    return { values: { ...values, before } }
  }

  async function lookFor(values: Values, signal: AbortSignal): Promise<Found> {
    if (find === null) return { result: 'unknown', because: `${calls} cannot be asked for a run by its key` }
    const asked = await ask(find.request, values, signal)
    if ('trouble' in asked) return { result: 'unknown', because: asked.trouble.because }
    return foundIn(asked.answer, target, values)
  }

  /** Who would start another run for the same key is asked for the first one before. null: there is none. */
  async function lookFirst(values: Values, signal: AbortSignal): Promise<Launch | null> {
    if (find === null) return null
    const asked = await ask(find.request, values, signal)
    if ('trouble' in asked) return launchOf({ ...asked.trouble, what: beforeLaunch(asked.trouble) })
    const found = foundIn(asked.answer, target, values)
    if (found.result === 'none') return null
    if (found.result === 'found') return { result: 'already', run: found.run, detail: 'it has a run with our key' }
    const trouble = troubleIn(asked.answer, 'looking for the run', found.because)
    return launchOf(holdsOne(launch.later, asked.answer.json, values) ? { ...trouble, what: 'not sent' } : trouble)
  }

  async function start(request: RunRequest, signal: AbortSignal): Promise<Launch> {
    const prepared = await prepare(request, signal)
    if ('trouble' in prepared) return launchOf(prepared.trouble)
    const { values } = prepared
    const earlier = find === null || target.isIdempotent ? null : await lookFirst(values, signal)
    if (earlier !== null) return earlier
    const asked = await ask(launch.request, values, signal)
    if ('trouble' in asked) return launchOf(asked.trouble)
    const launched = launchIn(asked.answer, target, values)
    if (launched !== 'already') return launched
    return alreadyIn(asked.answer, target, values, find === null ? null : await lookFor(values, signal))
  }

  async function lookAtQueue(id: string, values: Values, signal: AbortSignal): Promise<RunState | Run> {
    if (queue === null) return { state: 'lost', because: `${calls} has no queue any more` }
    const asked = await ask(queue.request, { ...values, run: { id } }, signal)
    if ('trouble' in asked) return { state: 'unanswered', because: asked.trouble.because }
    const stands = queuedIn(asked.answer, target, values)
    if (!('state' in stands) || stands.state !== 'lost') return stands
    // A queue forgets what has left it.
    const found = await lookFor(values, signal)
    return found.result === 'found' ? found.run : stands
  }

  async function lookAt(run: Run, values: Values, signal: AbortSignal): Promise<RunState> {
    if (poll === null) return { state: 'unanswered', because: `${calls} cannot be asked how a run stands` }
    const all: Values = { ...values, run: { id: run.id, link: run.link } }
    const asked = await ask(poll.request, all, signal)
    return 'trouble' in asked
      ? { state: 'unanswered', because: asked.trouble.because }
      : stateIn(asked.answer, target, all)
  }

  /** The run that was begun without its id being told: it may take a while until it is shown. */
  async function lookForUnnamed(values: Values, signal: AbortSignal): Promise<RunState | Run> {
    const found = await lookFor(values, signal)
    if (found.result === 'found') return found.run
    // Waited for as long as one that cannot be asked, and no longer.
    const because = found.result === 'none' ? `${calls} does not show the run yet` : found.because
    return { state: 'unanswered', because }
  }

  async function look(run: Run, request: RunRequest, signal: AbortSignal): Promise<RunState> {
    const values = valuesOf(request, target)
    const id = queuedId(run)
    if (id === null && !isUnnamed(run)) return lookAt(run, values, signal)
    const stands = id === null ? await lookForUnnamed(values, signal) : await lookAtQueue(id, values, signal)
    if ('state' in stands) return stands
    const now = await lookAt(stands, values, signal)
    // Its new id must not be forgotten, whatever else is not known yet.
    return 'because' in now ? { state: 'queued', detail: now.because, run: stands } : { ...now, run: stands }
  }

  async function tryOut(signal: AbortSignal): Promise<Check> {
    const prepared = await prepare({ ...nobodysRequest, at: options.clock() }, signal)
    if ('trouble' in prepared) return checkOf(prepared.trouble)
    if (check === null) return target.before.length > 0 ? ready : reach(signal)
    const asked = await ask(check.request, prepared.values, signal)
    if ('trouble' in asked) return checkOf(asked.trouble)
    const { answer } = asked
    if (answer.status !== 200 || answer.json === undefined) {
      const because = explain(answer, calls, launch.because)
      return answer.status >= 500 ? { result: 'unreachable', because } : { result: 'refused', because }
    }
    if (holdAll(check.where, answer.json, prepared.values)) return ready
    return { result: 'refused', because: check.otherwise ?? said(answer, launch.because) }
  }

  /** All that can be told without a request that has an effect. */
  async function reach(signal: AbortSignal): Promise<Check> {
    const { hostname, port, protocol } = new URL(target.url)
    try {
      signal.throwIfAborted()
      const at = Number(port) || (protocol === 'https:' ? 443 : 80)
      const socket = await options.outbound.connect({ host: hostname, port: at, timeoutMs: target.timeoutMs })
      socket.destroy()
      return { result: 'ready', detail: `${calls} can be reached, and asked for nothing more without starting a run` }
    } catch (error) {
      return checkOf(troubleOf(error, withoutSlash(target.url)))
    }
  }

  return {
    name,
    isIdempotent: target.isIdempotent,
    // A login, one more when its token has ended, what is asked before, a look, the launch, and a look after it.
    timeoutMs: target.timeoutMs * (target.before.length + 5),
    pollEveryMs: poll?.everyMs ?? Number.POSITIVE_INFINITY,
    launch: start,
    ...(find !== null && {
      async find(request: RunRequest, signal: AbortSignal): Promise<Found> {
        const prepared = await prepare(request, signal)
        return 'trouble' in prepared
          ? { result: 'unknown', because: prepared.trouble.because }
          : lookFor(prepared.values, signal)
      },
    }),
    ...(poll !== null && { poll: look }),
    check: tryOut,
    async close() {},
  }
}

const ready: Check = { result: 'ready', detail: 'address, login and job are right' }

/** What was asked before a launch has no effect. */
function beforeLaunch({ what }: Trouble): Trouble['what'] {
  return what === 'maybe sent' ? 'not sent' : what
}

function checkOf({ what, because }: Trouble): Check {
  return { result: what === 'refused' ? 'refused' : 'unreachable', because }
}

const nobodysRequest: Omit<RunRequest, 'at'> = {
  key: 'leeway-check',
  model: 'check',
  version: '1',
  cause: 'test',
  reason: 'a look at the connection',
  incident: null,
  features: [],
  evidence: [],
  reference: null,
  links: {},
  parameters: {},
}
