// No form of an address leads a request to where it may not go: not numbers in disguise, not names that change their address, not
// redirects. Listeners on this machine count who connects; the senders are the real ones.

import assert from 'node:assert/strict'
import type { Socket as UdpSocket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isIP } from 'node:net'
import { after, before, test } from 'node:test'
import { readDocument } from '../../src/config/load.ts'
import { createAlertmanagerSender } from '../../src/delivery/channels/alertmanager.ts'
import { createEmailSender } from '../../src/delivery/channels/email/sender.ts'
import { createGrafanaSender } from '../../src/delivery/channels/grafana.ts'
import { createPagerDutySender } from '../../src/delivery/channels/pagerduty.ts'
import { createSlackSender } from '../../src/delivery/channels/slack/bot.ts'
import { createSlackWebhookSender } from '../../src/delivery/channels/slack/webhook.ts'
import { createTeamsSender } from '../../src/delivery/channels/teams.ts'
import { createWebhookSender } from '../../src/delivery/channels/webhook.ts'
import type { Outcome, Sender } from '../../src/delivery/sender.ts'
import type { Outbound } from '../../src/outbound/outbound.ts'
import { createOutbound } from '../../src/outbound/outbound.ts'
import { Secret } from '../../src/secret.ts'
import { launched, runFor } from '../build/launching.ts'
import { AT, incident, notification } from '../build/messages.ts'
import { retrainingWebhook } from '../build/webhook-target.ts'
import { documentText } from '../config/document.ts'
import { proved } from './proof.ts'

const secret = () => new Secret(`whsec_${Buffer.alloc(32, 7).toString('base64')}`)
const signal = AbortSignal.timeout(60_000)

/** Counts connections, and answers with redirects when it is told to. */
async function listener(host: string, port = 0) {
  const seen = { connections: 0, requests: 0 }
  let redirect: { status: number; location: string } | undefined
  const server: Server = createServer((_, response) => {
    seen.requests++
    if (redirect === undefined) response.end('reached')
    else response.writeHead(redirect.status, { location: redirect.location }).end()
  })
  server.on('connection', () => seen.connections++)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    redirectTo(status: number, location: string) {
      redirect = { status, location }
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** A name server: each name has a list of answers, given one after another, the last one for ever. */
async function nameServer(names: Readonly<Record<string, ReadonlyArray<readonly string[]>>>) {
  const asked: string[] = []
  const socket: UdpSocket = createSocket('udp4', (query, from) => {
    const { name, type, end } = questionOf(query)
    const answers = names[name] ?? [[]]
    const times = asked.filter((one) => one === `${name} ${type}`).length
    asked.push(`${name} ${type}`)
    const addresses = (answers[Math.min(times, answers.length - 1)] as readonly string[]).filter(
      (address) => (isIP(address) === 4) === (type === 1),
    )
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180, 2)
    header.writeUInt16BE(addresses.length, 6)
    header.writeUInt32BE(0, 8)
    const records = addresses.map((address) => {
      const data = bytesOf(address)
      const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length])
      return Buffer.concat([head, data])
    })
    socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const resolver = new Resolver()
  resolver.setServers([`127.0.0.1:${socket.address().port}`])
  return {
    asked,
    close: () => socket.close(),
    resolve: async (host: string) => {
      const [four, six] = await Promise.all([
        resolver.resolve4(host).catch(() => []),
        resolver.resolve6(host).catch(() => []),
      ])
      return [...four.map((address) => ({ address, family: 4 })), ...six.map((address) => ({ address, family: 6 }))]
    },
  }
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] as number; length > 0; length = query[at] as number) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function bytesOf(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':')).map((group) => Number.parseInt(group, 16))
  const [start, end] = [groups(head), groups(tail)]
  const all = [...start, ...Array(8 - start.length - end.length).fill(0), ...end]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

const BLOCKED_NAMES: Readonly<Record<string, ReadonlyArray<readonly string[]>>> = {
  'loopback.test': [['127.0.0.1']],
  'other-loopback.test': [['127.8.8.8']],
  'unspecified.test': [['0.0.0.0']],
  'six.test': [['::1']],
  'mapped.test': [['::ffff:127.0.0.1']],
  'compatible.test': [['::127.0.0.1']],
  'nat64.test': [['64:ff9b::127.0.0.1']],
  'sixtofour.test': [['2002:7f00:1::']],
  'private.test': [['10.0.0.1', '192.168.1.1']],
  'shared.test': [['100.64.0.1']],
  'local.test': [['fe80::1', 'fd00::1']],
  'metadata.test': [['169.254.169.254']],
  'nothing.test': [[]],
}

/** Everything that stands before, instead of or around the host 127.0.0.1, and everything else that is not public. */
function urlForms(port: number): string[] {
  const hosts = [
    ...['127.0.0.1', '127.1', '127.0.1', '127.0.0.1.', '127.8.8.8', '2130706433', '0x7f000001', '0x7f.0.0.1', '0x7f.1'],
    ...['0177.0.0.1', '017700000001', '0177.0.0.01', '0', '0.0.0.0', '0x0', '00000177.1', '127.0.0.1%00.example.org'],
    ...[
      '%31%32%37.0.0.1',
      '①②⑦.⓪.⓪.①',
      '127。0。0。1',
      '127.0.0.１',
      'localhost',
      'LOCALHOST',
      'localhost.',
      'a.localhost',
    ],
    ...[
      'ⓛocalhost',
      'lоcalhost',
      'local\thost',
      '127.0.\n0.1',
      '[::1]',
      '[::]',
      '[0:0:0:0:0:0:0:1]',
      '[::ffff:127.0.0.1]',
    ],
    ...['[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:0001]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]'],
    ...[
      '[::ffff:0:127.0.0.1]',
      '[fe80::1]',
      '[fc00::1]',
      '[fd00:ec2::254]',
      '[ff02::1]',
      '[2001::1]',
      '10.0.0.1',
      '172.16.0.1',
    ],
    ...[
      '172.31.255.254',
      '192.168.0.1',
      '169.254.169.254',
      '169.254.1.1',
      '2852039166',
      '100.64.0.1',
      '100.100.100.200',
    ],
    ...['168.63.129.16', '192.0.0.192', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...[
      'example.org@127.0.0.1',
      'user:pass@127.0.0.1',
      '@127.0.0.1',
      'example.org%40127.0.0.1',
      'example.org\\@127.0.0.1',
    ],
    ...Object.keys(BLOCKED_NAMES),
  ].map((host) => `http://${host}:${port}/hook`)
  const at = `127.0.0.1:${port}`
  return [
    ...hosts,
    ...[
      `http:${at}`,
      `http:/${at}/`,
      `http:///${at}/`,
      `http:\\\\${at}\\`,
      `//${at}/`,
      ` http://${at}/`,
      `http://${at}/ x`,
    ],
    ...[
      `http://${at}#@example.org/`,
      `http://${at}?@example.org/#`,
      `http://example.org:80@${at}/`,
      `http://127.0.0.1:0/`,
    ],
    ...[
      'http://127.0.0.1:65536/',
      'http://127.0.0.1:-1/',
      'http://127.0.0.1:99999/',
      'http://',
      'https://',
      '',
      'hook',
    ],
    ...[
      `ftp://${at}/`,
      `ws://${at}/`,
      `gopher://${at}/`,
      `unix:${at}`,
      'file:///etc/passwd',
      'data:,x',
      'javascript:x',
    ],
    ...['http+unix://%2Fvar%2Frun%2Fdocker.sock/', 'blob:http://127.0.0.1/x', 'about:blank'],
  ]
}

let target: Awaited<ReturnType<typeof listener>>
let names: Awaited<ReturnType<typeof nameServer>>
before(async () => {
  target = await listener('::')
  names = await nameServer(BLOCKED_NAMES)
})
after(async () => {
  await target.close()
  names.close()
})

async function sendEverywhere(url: string, outbound: Outbound): Promise<Outcome[]> {
  const settings = { url, secret, outbound, clock: () => AT, timeoutMs: 3_000 }
  return [
    await createWebhookSender('hook', settings).send(notification('hook'), signal),
    await launched(retrainingWebhook(settings), runFor(incident()), signal),
    await createSlackSender('slack', { token: secret, channel: '#a', apiUrl: url, outbound, timeoutMs: 3_000 }).send(
      notification('slack'),
      signal,
    ),
    ...(await Promise.all(
      otherChannels(url, outbound).map((sender) => sender.send(notification(sender.name), signal)),
    )),
  ]
}

function otherChannels(url: string, outbound: Outbound): Sender[] {
  const common = { url, outbound, timeoutMs: 3_000 }
  const hidden = { ...common, url: () => new Secret(url) }
  const severities = { critical: 'critical', alarm: 'error', warning: 'warning' } as const
  return [
    createSlackWebhookSender('slack', hidden),
    createTeamsSender('teams', hidden),
    createPagerDutySender('pager', { ...common, routingKey: secret, severities }),
    createGrafanaSender('graph', { ...common, token: secret, tags: [], dashboard: null }),
    createAlertmanagerSender('alerts', {
      ...{ urls: [url], outbound, timeoutMs: 3_000, severities, labels: {}, authorization: secret },
      clock: () => AT,
      schedule: () => () => {},
    }),
  ]
}

const SENDERS = 8

function mailTo(host: string, port: number, outbound: Outbound): Promise<Outcome> {
  const addresses = { from: 'a@example.org', to: ['b@example.org'] }
  const settings = { host, port, secure: false, plainText: true, login: null, outbound, timeoutMs: 3_000, ...addresses }
  return createEmailSender('mail', settings).send(notification('mail'), signal)
}

test('no form of an address reaches this machine or a private network, by any sender', async () => {
  const outbound = createOutbound({ allow: [], resolve: names.resolve })
  const forms = urlForms(target.port)
  assert.ok(forms.length >= 60)
  for (const url of forms) {
    for (const outcome of await sendEverywhere(url, outbound)) {
      assert.equal(outcome.result, 'retry', `${url}: ${JSON.stringify(outcome)}`)
      assert.match(
        (outcome as { because: string }).because,
        /connects only when|metadata service|not usable|has no address/,
        url,
      )
    }
  }
  for (const host of ['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::ffff:127.0.0.1', ...Object.keys(BLOCKED_NAMES)])
    assert.equal((await mailTo(host, target.port, outbound)).result, 'retry')
  // Names that the machine itself knows.
  for (const host of ['localhost', 'LocalHost'])
    for (const outcome of await sendEverywhere(`http://${host}:${target.port}/`, createOutbound({ allow: [] })))
      assert.match(JSON.stringify(outcome), /an address of this machine itself|not usable/)
  assert.deepEqual(target.seen, { connections: 0, requests: 0 })
  // The listener does count: what is allowed arrives.
  const open = createOutbound({ allow: ['127.0.0.1', '::1'], resolve: names.resolve })
  for (const host of ['127.0.0.1', '[::1]', 'loopback.test', 'six.test', 'mapped.test'])
    await sendEverywhere(`http://${host}:${target.port}/hook`, open)
  assert.equal(target.seen.requests, 5 * SENDERS)
})

test('the configuration is refused where the address stands in it', () => {
  const refused = urlForms(target.port).filter((url) => {
    try {
      readDocument(
        documentText({ retraining: `\n  credit-risk: {target: webhook, url: ${JSON.stringify(url)}}` }),
        'x.yaml',
      )
      return false
    } catch (error) {
      assert.match(String(error), /retraining\.credit-risk\.url: /, url)
      return true
    }
  })
  assert.deepEqual(refused, urlForms(target.port))
})

test('a name that changes its address is resolved once, and what was checked is what is connected to', async () => {
  const allowed = await listener('127.0.0.3')
  const blocked = await listener('127.0.0.1', allowed.port)
  const rebinding = await nameServer({
    'rebinding.test': [['127.0.0.3'], ['127.0.0.1']],
    'both.test': [['127.0.0.1', '127.0.0.3']],
  })
  const outbound = createOutbound({ allow: ['127.0.0.3'], resolve: rebinding.resolve })
  const send = (host: string) =>
    createWebhookSender('hook', { url: `http://${host}:${allowed.port}/`, secret, outbound, clock: () => AT }).send(
      notification('hook'),
      signal,
    )
  assert.equal((await send('rebinding.test')).result, 'delivered')
  assert.deepEqual(rebinding.asked.sort(), ['rebinding.test 1', 'rebinding.test 28'])
  assert.equal((await send('rebinding.test')).result, 'retry')
  for (let i = 0; i < 5; i++) assert.equal((await send('both.test')).result, 'delivered')
  assert.equal((await mailTo('rebinding.test', allowed.port, outbound)).result, 'retry')
  assert.deepEqual([allowed.seen.requests, blocked.seen.connections], [6, 0])

  for (const status of [301, 302, 303, 307, 308]) {
    allowed.redirectTo(status, `http://127.0.0.1:${blocked.port}/`)
    for (const outcome of await sendEverywhere(`http://both.test:${allowed.port}/`, outbound))
      assert.equal(outcome.result, 'refused')
  }
  assert.equal(blocked.seen.connections, 0)
  await Promise.all([allowed.close(), blocked.close()])
  rebinding.close()
  proved({
    promise: 'security',
    fault: 'Addresses that lead to this machine or a private network',
    size: `${urlForms(0).length} forms, a name server that changes its answer, 5 kinds of redirect; ${SENDERS + 1} senders`,
    outcome: '0 connections',
    test: 'test/faults/addresses.test.ts',
  })
})
