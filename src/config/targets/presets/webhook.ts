import type { Preset } from './preset.ts'

/** A receiver of one's own, which keeps the keys that it has had: the request comes signed (Standard Webhooks). */
export const webhook: Preset = {
  calls: 'the receiver',
  settings: {},
  logins: [],
  blocks: {
    idempotent: true,
    launch: {
      headers: { 'idempotency-key': '{{key}}' },
      json: { type: 'leeway.retraining.requested', timestamp: '{{at}}', data: '{{request}}' },
      already: [409],
    },
  },
}
