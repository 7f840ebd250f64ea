// A real Alertmanager: an incident becomes an active alert with its labels, is told on by it, comes back after a restart, and ends.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createAlertmanagerSender } from '../../src/delivery/channels/alertmanager.ts'
import type { Notification } from '../../src/delivery/notification.ts'
import { group, told } from '../build/messages.ts'
import { missingForAlertmanager } from '../build/real-alertmanager.ts'
import { receiver, toThisMachine } from '../build/receivers.ts'
import { freePort } from '../kafka/broker.ts'

const skip = missingForAlertmanager ?? false

interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly status: { readonly state: string }
  readonly endsAt: string
  readonly generatorURL: string
}

/** Told on by Alertmanager to a webhook. */
interface Told {
  readonly status: string
  readonly alerts: ReadonlyArray<{ readonly status: string; readonly labels: Readonly<Record<string, string>> }>
}

async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline; ) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`never: ${what}`)
}

/** Two Alertmanagers of one cluster, each of which tells a webhook of what fires and ends. */
async function cluster(folder: string, webhook: string) {
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const config = join(folder, 'alertmanager.yml')
  writeFileSync(
    config,
    `route: {receiver: hook, group_by: [model], group_wait: 0s, group_interval: 1s}
receivers: [{name: hook, webhook_configs: [{url: "${webhook}", send_resolved: true}]}]
`,
  )
  const start = (i: 0 | 1) => {
    const peer = i === 0 ? [] : [`--cluster.peer=127.0.0.1:${ports[2]}`]
    const child = spawn(
      'prometheus-alertmanager',
      [
        `--config.file=${config}`,
        `--storage.path=${join(folder, `data-${i}`)}`,
        `--web.listen-address=127.0.0.1:${ports[i]}`,
        `--cluster.listen-address=127.0.0.1:${ports[2 + i]}`,
        '--cluster.settle-timeout=1s',
        ...peer,
      ],
      { stdio: 'ignore' },
    )
    process.once('exit', () => child.kill('SIGKILL'))
    return child
  }
  const urls = [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`] as const
  const alerts = async (i: 0 | 1) => {
    const answer = await fetch(`${urls[i]}/api/v2/alerts`).catch(() => undefined)
    return answer?.ok ? ((await answer.json()) as Alert[]) : undefined
  }
  const ready = (i: 0 | 1) =>
    eventually(`Alertmanager ${i} is ready`, async () => {
      const answer = await fetch(`${urls[i]}/-/ready`).catch(() => undefined)
      return answer?.ok ? true : undefined
    })
  return { urls, start, alerts, ready }
}

test('an incident is an alert of a real Alertmanager, from its beginning to its end', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-alertmanager-'))
  const hook = await receiver((_, response) => void response.end())
  const { urls, start, alerts, ready } = await cluster(folder, hook.url)
  const running = [start(0), start(1)]
  const stop = async (child: ReturnType<typeof start>) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  let again = () => {}
  const sender = createAlertmanagerSender('alerts', {
    urls,
    authorization: null,
    severities: { critical: 'critical', alarm: 'critical', warning: 'warning' },
    labels: { team: 'ml' },
    outbound: toThisMachine,
    clock: Date.now,
    schedule: (wake) => {
      again = wake
      return () => {}
    },
  })
  sender.start?.()
  t.after(async () => {
    await sender.close()
    await Promise.all(running.map(stop))
    await hook.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await Promise.all([ready(0), ready(1)])
  const deliver = async (row: Notification) => {
    const outcome = await sender.send(row, AbortSignal.timeout(10_000))
    assert.equal(outcome.result, 'delivered', JSON.stringify(outcome))
  }
  const told_on = () => hook.received.map(({ body }) => JSON.parse(body) as Told)
  const link = 'https://leeway.example.org/api/v1/incidents/1'
  const at = Date.now() - 60_000

  await deliver(told('alerts', { link, at, version: 'v "7" {x}\\' }))
  for (const i of [0, 1] as const) {
    const [alert] = await eventually('the alert is active', async () => {
      const found = (await alerts(i))?.filter(({ status }) => status.state === 'active')
      return found?.length === 1 ? found : undefined
    })
    assert.deepEqual(alert?.labels, {
      team: 'ml',
      alertname: 'LeewayPerformance',
      model: 'credit-risk',
      version: 'v "7" {x}\\',
      kind: 'performance',
      severity: 'critical',
      incident: 'a41c9d3300000001',
    })
    assert.match(alert?.annotations['summary'] ?? '', /ROC AUC 0\.908/)
    assert.equal(alert?.generatorURL, link)
    assert.ok(Date.parse(alert?.endsAt ?? '') - Date.now() > 71 * 3_600_000, 'it does not hold for three days')
  }
  await eventually('Alertmanager tells it on', () =>
    told_on().some(({ status }) => status === 'firing') ? true : undefined,
  )

  // It forgets alerts when it is restarted; what fires is sent again.
  await stop(running[0] as ReturnType<typeof start>)
  running[0] = start(0)
  await ready(0)
  assert.deepEqual(await alerts(0), [])
  again()
  await eventually('the alert is back', async () => ((await alerts(0))?.length === 1 ? true : undefined))

  // It ends, and that is told on.
  await deliver(told('alerts', { at, change: 'resolved', version: 'v "7" {x}\\' }))
  for (const i of [0, 1] as const)
    await eventually('no alert is active', async () => ((await alerts(i))?.length === 0 ? true : undefined))
  const [ended] = await eventually('Alertmanager tells of the end', () => {
    const found = told_on().filter(({ status }) => status === 'resolved')
    return found.length > 0 ? found : undefined
  })
  assert.equal(ended?.alerts[0]?.labels['incident'], 'a41c9d3300000001')

  // Many at once; and one Alertmanager of the two is enough.
  await stop(running[1] as ReturnType<typeof start>)
  const row = group('alerts', 500)
  await deliver(row)
  await eventually('all of a group are active', async () => ((await alerts(0))?.length === 500 ? true : undefined))
})

test('what Alertmanager refuses is told in its words', { skip, timeout: 60_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-alertmanager-'))
  const { urls, start, ready } = await cluster(folder, 'http://127.0.0.1:1/')
  const child = start(0)
  t.after(async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
  })
  await ready(0)
  const sender = createAlertmanagerSender('alerts', {
    urls: [urls[0]],
    authorization: null,
    severities: { critical: 'critical', alarm: 'critical', warning: 'warning' },
    labels: { 'not-a-name': 'x' },
    outbound: toThisMachine,
    clock: Date.now,
    schedule: () => () => {},
  })
  const outcome = await sender.send(told('alerts', {}), AbortSignal.timeout(10_000))
  assert.match(JSON.stringify(outcome), /refused.*400.*invalid label/)
  await sender.close()
})
