// The channel `slackWebhook`: messages by an incoming webhook, which can post and nothing else.

import { z } from 'zod'
import { secretPath } from '../forms.ts'

export const slackWebhookInput = z.strictObject({
  type: z.literal('slackWebhook'),
  urlFile: secretPath.describe(
    'File with the address of the incoming webhook: who knows it may post. No threads, no charts, no buttons: use slack for those',
  ),
})

export interface SlackWebhookChannel {
  readonly type: 'slackWebhook'
  readonly name: string
  readonly urlFile: string
}

/** @param absolute makes a path absolute against the folder of the document */
export function resolveSlackWebhook(
  name: string,
  { type, urlFile }: z.output<typeof slackWebhookInput>,
  absolute: (path: string) => string,
): SlackWebhookChannel {
  return { type, name, urlFile: absolute(urlFile) }
}
