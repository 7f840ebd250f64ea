// The channel `slack`: messages by a bot.

import { z } from 'zod'
import { secretPath } from '../forms.ts'

export const slackInput = z.strictObject({
  type: z.literal('slack'),
  tokenFile: secretPath.describe('File with the bot token'),
  channel: z.string('a channel such as "#ml-alerts"').min(1, 'a channel such as "#ml-alerts"'),
})

export interface SlackChannel {
  readonly type: 'slack'
  readonly name: string
  readonly tokenFile: string
  readonly channel: string
}

/** @param absolute makes a path absolute against the folder of the document */
export function resolveSlack(
  name: string,
  { type, tokenFile, channel }: z.output<typeof slackInput>,
  absolute: (path: string) => string,
): SlackChannel {
  return { type, name, tokenFile: absolute(tokenFile), channel }
}
