// What can be done about incidents over HTTP. Each route is a deed of `handling/deeds.ts`, and is audited with it.

import { z } from 'zod'
import type { Effect, Handling, Person } from '../handling/deeds.ts'
import { matcherNames } from '../handling/silence.ts'
import { parseInstant } from '../time.ts'
import type { ActionRequest, ActionRoute } from './route.ts'

const TEXT_MAX = 4_000
const NAME_MAX = 128
const timeForm = 'a time such as 2026-11-23T08:00:00Z'
const time = z.string(timeForm).transform((text, context) => {
  const instant = parseInstant(text)
  if (instant !== undefined) return instant
  context.addIssue({ code: 'custom', message: timeForm })
  return z.NEVER
})
const nothing = z.strictObject({})
const pattern = z.string().min(1).max(NAME_MAX)
const matchers = z
  .strictObject(Object.fromEntries(matcherNames.map((name) => [name, pattern.optional()])))
  .refine((given) => Object.keys(given).length > 0, `at least one of ${matcherNames.join(', ')}`)

const bodies = {
  assign: z.strictObject({ to: z.string().max(NAME_MAX).nullable() }),
  snooze: z.strictObject({ until: time }),
  comment: z.strictObject({ text: z.string().max(TEXT_MAX) }),
  silence: z.strictObject({ matchers, start: time.optional(), end: time, reason: z.string().min(1).max(TEXT_MAX) }),
}

/** Who asks, as the deed is to remember it. */
function personOf({ by, via, remote, request }: ActionRequest): Person {
  return { ...by, via, remote, request }
}

/** @param now for a silence that begins at once */
export function handlingRoutes(handling: Omit<Handling, 'acceptAsNormal'>, now: () => number): readonly ActionRoute[] {
  return [
    deed('acknowledge', nothing, (id, by) => handling.acknowledge(id, by)),
    deed('unacknowledge', nothing, (id, by) => handling.unacknowledge(id, by)),
    deed('assign', bodies.assign, (id, by, { to }) => handling.assign(id, to, by)),
    deed('snooze', bodies.snooze, (id, by, { until }) => handling.snooze(id, until, by)),
    deed('comments', bodies.comment, (id, by, { text }) => handling.comment(id, text, by)),
    {
      ...action('silence', '/api/v1/silences', bodies.silence, () => ''),
      act(request) {
        const { start = now(), ...rest } = request.body as z.output<typeof bodies.silence>
        const effect = handling.addSilence({ ...rest, start }, personOf(request))
        return { ...effect, answer: answerOf(effect, { id: effect.id }) }
      },
    },
    {
      ...action('end silence', '/api/v1/silences/{id}/end', nothing, ({ parameters }) => parameters['id'] as string),
      act(request) {
        const effect = handling.endSilence(request.parameters['id'] as string, personOf(request))
        return { ...effect, answer: answerOf(effect) }
      },
    },
  ]
}

type Act<Body> = (id: string, by: Person, body: Body) => Effect

function deed<Body>(name: string, body: z.ZodType<Body>, act: Act<Body>): ActionRoute {
  return {
    ...action(
      `incident ${name}`,
      `/api/v1/incidents/{id}/${name}`,
      body,
      ({ parameters }) => parameters['id'] as string,
    ),
    act(request) {
      const effect = act(request.parameters['id'] as string, personOf(request), request.body as Body)
      return { ...effect, answer: answerOf(effect) }
    },
  }
}

function action(name: string, path: string, body: z.ZodType, target: ActionRoute['target']): Omit<ActionRoute, 'act'> {
  return { method: 'POST', path, needs: 'operator', action: name, body, target }
}

/** What was done before is no error: two tabs agree. */
function answerOf({ outcome, detail }: Effect, more: object = {}) {
  return outcome === 'done'
    ? { status: 200, json: { outcome, detail, ...more } }
    : { status: 409, json: { error: { message: detail } } }
}
