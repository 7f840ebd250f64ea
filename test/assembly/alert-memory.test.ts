import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertMemoryOf } from '../../src/assembly/alert-memory.ts'
import { createAlertmanagerSender } from '../../src/delivery/channels/alertmanager.ts'
import { openStore } from '../../src/store/store.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'
import { changes, incident, notification } from '../store/changes.ts'
import { stateDirectory } from '../store/state-directory.ts'

test('after a restart, Alertmanager is told again of what fires, and of nothing that ended meanwhile', async (t) => {
  const directory = stateDirectory(t)
  const before = openStore(directory)
  const row = (incidentId: string, order: number) =>
    notification({ key: `${incidentId}:team`, lane: incidentId, order, incidentId })
  before.commit(
    changes({
      incidents: [incident({ id: 'fires' }), incident({ id: 'ends' })],
      notifications: [row('fires', 1), row('ends', 2)],
    }),
  )
  for (const id of ['fires', 'ends']) before.outbox.delivered(`${id}:team`, 200, '')
  before.commit(changes({ incidents: [incident({ id: 'ends', state: 'resolved' })] }))
  before.close()

  const store = openStore(directory)
  const alertmanager = await receiver((_, response) => void response.end())
  t.after(async () => {
    store.close()
    await alertmanager.close()
  })
  const told = Promise.withResolvers<void>()
  let again = () => {}
  const sender = createAlertmanagerSender('team', {
    urls: [new URL(alertmanager.url).origin],
    authorization: null,
    severities: { critical: 'critical', alarm: 'critical', warning: 'warning' },
    labels: {},
    outbound: toThisMachine,
    clock: Date.now,
    schedule: (wake) => {
      if (alertmanager.received.length > 0) told.resolve()
      again = wake
      return () => {}
    },
    memory: alertMemoryOf(store.views)('team'),
  })
  sender.start?.()
  again()
  await told.promise
  await sender.close()
  const alerts = JSON.parse(alertmanager.received[0]?.body ?? '[]') as Array<{ labels: { incident: string } }>
  assert.deepEqual(
    alerts.map(({ labels }) => labels.incident),
    ['fires'],
  )
})
