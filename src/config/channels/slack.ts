// The channel `slack`: messages by a bot.

import { z } from 'zod'
import type { Person } from '../../handling/deeds.ts'
import type { ChartsWanted } from '../forms.ts'
import { chartsWanted, secretPath } from '../forms.ts'

const roles = ['viewer', 'operator', 'approver'] as const satisfies ReadonlyArray<Person['role']>
const userForm = 'the id of a user in Slack such as U024BE7LH (profile, More, Copy member ID)'

const person = z.strictObject({
  name: z.string('a name').min(1, 'a name').max(128, 'a name of at most 128 characters'),
  role: z.enum(roles).describe('operator: acknowledge, snooze; approver: also approve and refuse retraining'),
})

export const slackInput = z.strictObject({
  type: z.literal('slack'),
  tokenFile: secretPath.describe('File with the bot token (xoxb-…)'),
  channel: z.string('a channel such as "#ml-alerts"').min(1, 'a channel such as "#ml-alerts"'),
  charts: chartsWanted,
  appTokenFile: secretPath.optional().describe('File with the app token (xapp-…) for buttons; left out: no buttons'),
  people: z
    .record(z.string().regex(/^[UW][A-Z0-9]{2,20}$/, userForm), person, 'people by their ids in Slack')
    .default({})
    .describe('Who may press buttons, and as whom'),
})

export interface SlackChannel {
  readonly type: 'slack'
  readonly name: string
  readonly tokenFile: string
  readonly channel: string
  readonly charts: ChartsWanted
  /** null: no buttons. */
  readonly appTokenFile: string | null
  readonly people: ReadonlyMap<string, { readonly name: string; readonly role: Person['role'] }>
}

/** @param absolute makes a path absolute against the folder of the document */
export function resolveSlack(
  name: string,
  { type, tokenFile, channel, charts, appTokenFile, people }: z.output<typeof slackInput>,
  absolute: (path: string) => string,
): SlackChannel {
  return {
    type,
    name,
    tokenFile: absolute(tokenFile),
    channel,
    charts,
    appTokenFile: appTokenFile === undefined ? null : absolute(appTokenFile),
    people: new Map(Object.entries(people)),
  }
}
