// The channel `webhook`: messages as signed JSON to any receiver.

import { z } from 'zod'
import { secretPath, url } from '../forms.ts'

export const webhookInput = z.strictObject({
  type: z.literal('webhook'),
  url,
  secretFile: secretPath.describe('File with the secret that signs each message'),
})

export interface WebhookChannel {
  readonly type: 'webhook'
  readonly name: string
  readonly url: string
  readonly secretFile: string
}

/** @param absolute makes a path absolute against the folder of the document */
export function resolveWebhook(
  name: string,
  { type, url, secretFile }: z.output<typeof webhookInput>,
  absolute: (path: string) => string,
): WebhookChannel {
  return { type, name, url, secretFile: absolute(secretFile) }
}
