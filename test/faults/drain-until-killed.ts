// Queues messages as transitions would, and sends them to a receiver, until it is killed or all of them are sent.
//
// arguments: state directory, address, first and last incident to queue, and how it is broken on purpose (`sound`, `mark-first`,
// `fresh-keys`)

import { randomUUID } from 'node:crypto'
import { createWebhookSender } from '../../src/delivery/channels/webhook.ts'
import { createDrain } from '../../src/delivery/drain.ts'
import type { Sender } from '../../src/delivery/sender.ts'
import { Secret } from '../../src/secret.ts'
import { openStore } from '../../src/store/store.ts'
import { toThisMachine } from '../build/receivers.ts'
import { changes } from '../store/changes.ts'
import { CHANNEL, rowsOfIncident } from './told-story.ts'

const [state = '', url = '', first = '', last = '', how = ''] = process.argv.slice(2)
/** Incidents of one commit, and the time between two commits. */
const PIECE = 3
const EVERY_MS = 5

const store = openStore(state)
const secret = new Secret(`whsec_${Buffer.alloc(24, 7).toString('base64')}`)
const webhook = createWebhookSender(CHANNEL, { url, secret: () => secret, outbound: toThisMachine, clock: Date.now })

const sender: Sender = {
  ...webhook,
  send(row, signal) {
    if (how === 'mark-first') store.outbox.delivered(row.key, Date.now(), 'marked before it was sent')
    return webhook.send(how === 'fresh-keys' ? { ...row, key: `${row.key}:${randomUUID()}` } : row, signal)
  },
}

const drain = createDrain({
  outbox: store.outbox,
  senders: new Map([[CHANNEL, sender]]),
  policyOf: () => ({ minSeverity: 'warning', rate: null, fallback: null, gathers: true }),
  clock: Date.now,
  random: Math.random,
  schedule: (wake, after) => {
    const timer = setTimeout(wake, after)
    return () => clearTimeout(timer)
  },
  onOutcome: () => {},
  onFailure: (error) => {
    throw error
  },
  mayPass: () => false,
  onTrouble: () => {},
})

process.stdout.write('ready\n')
drain.wake()
for (let incident = Number(first); incident < Number(last); incident += PIECE) {
  const incidents = Array.from({ length: Math.min(PIECE, Number(last) - incident) }, (_, i) => incident + i)
  // What an earlier life has queued is there already.
  store.commit(changes({ notifications: incidents.flatMap((number) => rowsOfIncident(number, Date.now())) }))
  drain.wake()
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
}
setInterval(() => {
  if (store.views.queued() === 0) process.stdout.write('done\n')
}, 20)
