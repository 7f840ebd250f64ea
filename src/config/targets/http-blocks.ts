// An orchestrator described in the document: `target: http`. The presets are written in the same form, and read by the same schema.

import { z } from 'zod'
import type { Conditions, HttpTarget, RequestTemplate, ValueFrom } from '../../delivery/orchestrators/target.ts'
import type { JsonValue } from '../../retraining/orchestrator.ts'
import { positiveDuration } from '../forms.ts'

const pathForm = 'a path that begins with /, such as /jobs/{{model}}/runs'
const path = z.string(pathForm).regex(/^\/[^\s?#]{0,2000}$/, `${pathForm}, without ? and #`)
const textForm = 'a text'
const text = z.string(textForm)
const answerPath = z
  .string('a path in the answer, such as run.id')
  .max(500)
  .describe('Names with dots between them; numbers count in lists')
const answerPaths = z.union([answerPath, z.array(answerPath)], 'a path in the answer, or a list of paths')
const statusForm = 'a list of HTTP statuses such as [200, 201]'
const statuses = z.array(z.int(statusForm).min(200, statusForm).max(599, statusForm), statusForm)
const conditionForm = 'values by path in the answer, such as {status: ok}'
const conditions = z
  .record(answerPath, z.union([text, z.array(text)], 'a value or a list of values'), conditionForm)
  .default({})
const json = z.json().describe('JSON of any shape; {{placeholders}} in it become values')
const headerName = z.string('the name of a header').regex(/^[A-Za-z0-9-]{1,100}$/, 'the name of a header')

const request = {
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  path: path.or(z.literal('')).default('').describe('After the address; values of {{placeholders}} are one part of it'),
  query: z.record(text, json, 'parameters of the address by name').default({}),
  headers: z.record(headerName, text, 'headers by name').default({}),
  json: json.optional().describe('The body, as JSON'),
  form: z
    .union([text, z.record(text, text)], 'fields by name')
    .optional()
    .describe('The body, as a form; instead of json'),
}

const valueFrom = z.union(
  [
    answerPath,
    z.strictObject({
      header: headerName,
      pattern: z
        .string('a regular expression')
        .max(200)
        .refine(isPattern, 'a regular expression with a group, such as /queue/item/(\\d+)/')
        .optional(),
    }),
    z.strictObject({ text }),
  ],
  'a path in the answer, {header: location} or {text: "{{key}}"}',
)
const link = text.optional().describe('Where people look at the run: {{url}}/runs/{{run.id}}, or {{answer.PATH}}')
const runStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
const runState = z.enum(runStates)

/** Everything of a target but its address and login. */
export const httpBlocks = {
  idempotent: z
    .boolean('true or false')
    .default(false)
    .describe('Whether one key has one run there, however often it is asked for; if not, it is never asked twice'),
  parameters: json
    .default({})
    .describe('What is given to the run: names and values with {{placeholders}}; {{parameters}} stands for it'),
  before: z
    .record(
      z.string().regex(/^[A-Za-z]\w{0,63}$/, 'a name of letters and digits'),
      z.strictObject({ ...request, value: answerPath.describe('What {{before.NAME}} stands for') }),
    )
    .default({})
    .describe('Asked first, in this order'),
  check: z
    .strictObject({ ...request, where: conditions, otherwise: text.optional() })
    .optional()
    .describe('Tells that the job is there, and starts nothing: for leeway retrain test'),
  launch: z
    .strictObject({
      ...request,
      accepted: statuses.min(1, statusForm).default([200, 201, 202, 204]),
      already: statuses.default([]).describe('By which it says that it has this key already'),
      where: conditions.describe('Without these, an accepted status is a refusal'),
      unsure: conditions.describe('With one of these it may have started or not'),
      later: conditions.describe('With one of these nothing was started, and it is asked again'),
      because: answerPaths.default([]).describe('Where an answer says why it refuses'),
      id: valueFrom.optional().describe('Where the id of the run is'),
      link,
    })
    .describe('Starts a run'),
  find: z
    .strictObject({
      ...request,
      none: statuses.default([404]).describe('By which it says that there is no such run'),
      items: answerPath.optional().describe('Where the list of runs is; left out: the answer is the run'),
      where: conditions.describe('Which of them is ours'),
      id: valueFrom,
      link,
    })
    .optional()
    .describe('Finds the run of a request whose reply was lost'),
  queue: z
    .strictObject({ ...request, id: answerPath, link, cancelled: conditions })
    .optional()
    .describe('Where a run waits under another id until it has its own'),
  poll: z
    .strictObject({
      ...request,
      every: positiveDuration.prefault('30s'),
      state: answerPaths,
      states: z
        .record(text, runState, 'states by what is found')
        .describe(`What is found there, as one of ${runStates.join(', ')}`),
      otherwise: runState.optional().describe('What anything else means; left out: it is not known'),
      lost: conditions.describe('With one of these there is no such run'),
      detail: answerPaths.default([]),
      startedAt: answerPath.optional(),
      endedAt: answerPath.optional(),
      output: z
        .record(text, answerPath)
        .default({})
        .describe('What the run gave back, by name: {version: model.version}'),
    })
    .optional()
    .describe('Tells how a run stands'),
}

const blocks = z.strictObject(httpBlocks)
export type HttpBlocksInput = z.input<typeof blocks>
export type HttpBlocks = z.output<typeof blocks>

/** Reads blocks that do not come from a document: a preset's. @throws when they are not in the form */
export function readBlocks(input: HttpBlocksInput): HttpBlocks {
  return blocks.parse(input)
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(`${source}|`).exec('')?.length === 2
  } catch {
    return false
  }
}

type Described = Pick<
  HttpTarget,
  'isIdempotent' | 'parameters' | 'before' | 'check' | 'launch' | 'find' | 'queue' | 'poll'
>

export function resolveBlocks(input: HttpBlocks): Described {
  const { before, check, launch, find, queue, poll } = input
  return {
    isIdempotent: input.idempotent,
    parameters: input.parameters as JsonValue,
    before: Object.entries(before).map(([name, { value, ...one }]) => ({
      name,
      value,
      request: requestOf(one, 'GET'),
    })),
    check:
      check === undefined
        ? null
        : { request: requestOf(check, 'GET'), where: conditionsOf(check.where), otherwise: check.otherwise ?? null },
    launch: {
      request: requestOf(launch, 'POST'),
      accepted: launch.accepted,
      already: launch.already,
      where: conditionsOf(launch.where),
      unsure: conditionsOf(launch.unsure),
      later: conditionsOf(launch.later),
      because: listOf(launch.because),
      id: launch.id === undefined ? null : valueFromOf(launch.id),
      link: launch.link ?? null,
    },
    find:
      find === undefined
        ? null
        : {
            request: requestOf(find, 'GET'),
            none: find.none,
            items: find.items ?? null,
            where: conditionsOf(find.where),
            id: valueFromOf(find.id),
            link: find.link ?? null,
          },
    queue:
      queue === undefined
        ? null
        : {
            request: requestOf(queue, 'GET'),
            id: queue.id,
            link: queue.link ?? null,
            cancelled: conditionsOf(queue.cancelled),
          },
    poll:
      poll === undefined
        ? null
        : {
            request: requestOf(poll, 'GET'),
            everyMs: poll.every,
            state: listOf(poll.state),
            states: Object.entries(poll.states),
            otherwise: poll.otherwise ?? null,
            lost: conditionsOf(poll.lost),
            detail: listOf(poll.detail),
            startedAt: poll.startedAt ?? null,
            endedAt: poll.endedAt ?? null,
            output: poll.output,
          },
  }
}

type RequestInput = Pick<HttpBlocks['launch'], keyof typeof request>

function requestOf(
  { method, path, query, headers, json, form }: RequestInput,
  usual: RequestTemplate['method'],
): RequestTemplate {
  const body =
    form !== undefined
      ? ({ as: 'form', value: form } as const)
      : json !== undefined
        ? ({ as: 'json', value: json as JsonValue } as const)
        : null
  return { method: method ?? usual, path, query: query as Readonly<Record<string, JsonValue>>, headers, body }
}

function conditionsOf(input: Readonly<Record<string, string | readonly string[]>>): Conditions {
  return Object.fromEntries(Object.entries(input).map(([path, wanted]) => [path, listOf(wanted)]))
}

function listOf(input: string | readonly string[]): readonly string[] {
  return typeof input === 'string' ? [input] : input
}

function valueFromOf(input: z.output<typeof valueFrom>): ValueFrom {
  if (typeof input === 'string') return { from: 'body', path: input }
  if ('text' in input) return { from: 'text', text: input.text }
  const { header, pattern } = input
  return { from: 'header', header, pattern: pattern === undefined ? null : new RegExp(pattern) }
}
