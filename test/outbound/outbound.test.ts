// The way out: what may be connected to, and that the address that was checked is the one that is used.

import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createSocketServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { post } from '../../src/delivery/http-post.ts'
import { faultOfUrl, kindOfAddress, parseAllowed } from '../../src/outbound/addresses.ts'
import { createOutbound, NoAnswer } from '../../src/outbound/outbound.ts'
import { certificate, receiver } from '../build/receivers.ts'

const limits = { headers: {}, body: '{}', signal: AbortSignal.timeout(30_000), timeoutMs: 2_000, answerBytesMax: 1_000 }

test('an address is public only when it plainly is', () => {
  const kinds: Record<string, readonly string[]> = {
    public: [
      '8.8.8.8',
      '172.15.0.1',
      '172.32.0.1',
      '100.63.0.1',
      '2606:4700::1111',
      '::ffff:8.8.8.8',
      '64:ff9b::808:808',
    ],
    loopback: ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '2002:7f00:1::', '64:ff9b::7f00:1'],
    private: [
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '100.64.0.1',
      'fc00::1',
      'fd12::1',
      '::ffff:10.0.0.1',
    ],
    metadata: ['169.254.169.254', '::ffff:169.254.169.254', 'fd00:ec2::254', '168.63.129.16', '2002:a9fe:a9fe::1'],
    special: [
      '0.0.0.0',
      '169.254.1.1',
      '224.0.0.1',
      '255.255.255.255',
      '192.0.2.1',
      '::',
      'fe80::1',
      'ff02::1',
      '::127.0.0.1',
      '2001:db8::1',
      '2001::1',
      '64:ff9b:1::1',
      'nonsense',
    ],
  }
  for (const [kind, addresses] of Object.entries(kinds))
    for (const address of addresses) assert.equal(kindOfAddress(address), kind, address)
})

test('an entry of network.allow is a name, an address or a range, and nothing in disguise', () => {
  for (const text of [
    'airflow',
    'localhost',
    '*.internal.example',
    '10.0.0.0/8',
    '10.1.2.3',
    '::1',
    '[::1]',
    'fd00::/8',
    '0.0.0.0/0',
  ])
    assert.notEqual(parseAllowed(text), undefined, text)
  for (const text of [
    '',
    '*',
    '10.0.0.0/33',
    '10.0.0/8',
    '127.1',
    '2130706433',
    '0x7f000001',
    'http://airflow',
    'a b',
    'a/8',
    '*.*.x',
    'a..b',
  ])
    assert.equal(parseAllowed(text), undefined, text)
  assert.ok(parseAllowed('*.internal.example')?.coversName('jobs.INTERNAL.example.'))
  assert.ok(!parseAllowed('*.internal.example')?.coversName('internal.example'))
  assert.ok(parseAllowed('10.0.0.0/8')?.coversAddress('::ffff:10.1.2.3'))
})

test('a usable address names its host as programs read it', () => {
  for (const text of [
    'https://jobs.example.org/x?y=1',
    'http://airflow:8080',
    'https://[2606:4700::1111]/',
    'https://xn--bcher-kva.example/',
  ])
    assert.equal(faultOfUrl(text), undefined, text)
})

test('a private address is refused with the line that allows it, and reached when that line is there', async () => {
  const target = await receiver((_, response) => void response.end('hello'))
  const closed = createOutbound({ allow: [] })
  await assert.rejects(async () => closed.post({ ...limits, url: target.url }), {
    name: 'AddressError',
    message: /^127\.0\.0\.1 is an address of this machine itself, .* write network: \{allow: \[127\.0\.0\.1\]\}$/,
  })
  assert.equal(target.received.length, 0)
  const answer = await createOutbound({ allow: ['127.0.0.0/8'] }).post({ ...limits, url: target.url })
  assert.deepEqual([answer.status, answer.text, answer.isWhole], [200, 'hello', true])
  await target.close()
})

test('a name that is listed does not open the metadata service', async () => {
  const outbound = createOutbound({
    allow: ['jobs.internal'],
    resolve: async () => [{ address: '169.254.169.254', family: 4 }],
  })
  await assert.rejects(
    outbound.post({ ...limits, url: 'http://jobs.internal/' }),
    /hands out credentials.*allow: \[169\.254\.169\.254\]/,
  )
})

test('plain http leaves the network only where the configuration says so', async () => {
  const outbound = createOutbound({ allow: [], resolve: async () => [{ address: '203.0.114.1', family: 4 }] })
  await assert.rejects(
    outbound.post({ ...limits, url: 'http://jobs.example.org/' }),
    /http:\/\/ is not encrypted: use https/,
  )
})

test('an answer is read up to the limit, and an answer that never ends does not hold up anybody', async () => {
  const long = await receiver((_, response) => void response.end('x'.repeat(100_000)))
  const endless = await receiver((_, response) => void response.writeHead(200).write('x'))
  const outbound = createOutbound({ allow: ['127.0.0.1'] })
  const cut = await outbound.post({ ...limits, url: long.url })
  assert.deepEqual([cut.text.length, cut.isWhole], [1_000, false])
  const stuck = await outbound.post({ ...limits, url: endless.url, timeoutMs: 200 })
  assert.deepEqual([stuck.status, stuck.text, stuck.isWhole], [200, 'x', false])
  await long.close()
  await endless.close()
})

test('a receiver that would speak something else than HTTP is an error, and not a wait without end', async (t) => {
  const server = createSocketServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n'),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const posted = createOutbound({ allow: ['127.0.0.1'] }).post({ ...limits, url: `http://127.0.0.1:${port}/` })
  await assert.rejects(Promise.race([posted, pause(5_000, 'still waiting')]), /no answer/)
})

test('whether a request may have arrived is told when there is no answer: not before there was a connection', async () => {
  const outbound = createOutbound({ allow: ['127.0.0.1'] })
  const hanging = await receiver(() => {})
  const resetting = await receiver((_, response) => void response.destroy())
  const arrived = async (url: string) => {
    const failed = await outbound.post({ ...limits, url, timeoutMs: 200 }).catch((error: unknown) => error)
    assert.ok(failed instanceof NoAnswer, String(failed))
    return failed.mayHaveArrived
  }
  assert.equal(await arrived(hanging.url), true)
  assert.equal(await arrived(resetting.url), true)
  assert.equal(await arrived('http://127.0.0.1:1/'), false)
  // Does not speak TLS: the connection was never one.
  const open = createOutbound({ allow: ['127.0.0.1'] })
  const failed = await open.post({ ...limits, url: hanging.url.replace('http:', 'https:') }).catch((e: unknown) => e)
  assert.deepEqual(failed instanceof NoAnswer && failed.mayHaveArrived, false)
  await hanging.close()
  await resetting.close()
})

test('a proxy of the environment is not used', async () => {
  const proxy = await receiver((_, response) => void response.end())
  const target = await receiver((_, response) => void response.end('direct'))
  const before = { ...process.env }
  Object.assign(process.env, { HTTP_PROXY: proxy.url, http_proxy: proxy.url, NODE_USE_ENV_PROXY: '1' })
  const answer = await createOutbound({ allow: ['127.0.0.1'] }).post({ ...limits, url: target.url })
  process.env = before
  assert.equal(answer.text, 'direct')
  assert.equal(proxy.received.length, 0)
  await proxy.close()
  await target.close()
})

test('certificates are verified, name and all, whatever the environment says', async (t) => {
  const tls = certificate()
  let connections = 0
  const server = createServer(tls, (_, response) => void response.end('over TLS'))
  server.on('secureConnection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const allow = ['127.0.0.1', 'localhost', 'other.test']
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
  const trusting = createOutbound({ allow, resolve, ca: tls.cert })
  assert.equal((await trusting.post({ ...limits, url: `https://localhost:${port}/` })).text, 'over TLS')
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.after(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
  })
  const usual = createOutbound({ allow, resolve })
  await assert.rejects(usual.post({ ...limits, url: `https://localhost:${port}/` }), {
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  })
  await assert.rejects(trusting.post({ ...limits, url: `https://other.test:${port}/` }), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
  const outcome = await post(
    { url: `https://localhost:${port}/`, id: 'x', body: '{}', secret: null, now: 0 },
    { outbound: usual, signal: limits.signal },
  )
  assert.match(JSON.stringify(outcome), /"retry".*NODE_EXTRA_CA_CERTS/)
})
