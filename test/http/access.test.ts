import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostCheck, isCrossSite } from '../../src/http/access.ts'
import { clientOf } from '../../src/http/address.ts'
import { Buckets } from '../../src/http/buckets.ts'

test('on an address that others reach, names are checked as soon as it is known which there are', () => {
  const unknown = hostCheck({ host: '0.0.0.0', publicUrl: null, allowedHosts: [] })
  assert.deepEqual(['any.example', '10.0.0.7:9464', undefined, 'a/b'].map(unknown), [true, true, false, false])
  const known = hostCheck({ host: '0.0.0.0', publicUrl: 'https://leeway.example.org', allowedHosts: ['leeway.svc'] })
  const asked = ['leeway.example.org', 'LEEWAY.svc:9464', '10.0.0.7:9464', '[fd00::7]', 'localhost', 'evil.example']
  assert.deepEqual(asked.map(known), [true, true, true, true, true, false])
})

test('a page of another site is told apart from our own, and from programs', () => {
  const host = '127.0.0.1:9464'
  for (const [headers, publicUrl, expected] of [
    [{ host }, null, false],
    [{ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, null, false],
    [{ host, 'sec-fetch-site': 'none' }, null, false],
    [{ host: 'inner:9464', origin: 'https://leeway.example.org' }, 'https://leeway.example.org/', false],
    // Behind a proxy that changes the name of the host.
    [{ host, origin: 'https://ml.example.org', 'sec-fetch-site': 'same-origin' }, null, false],
    [{ host, origin: 'http://ml.example.org', 'x-forwarded-host': 'ML.example.org, edge' }, null, false],
    [{ host, origin: 'http://evil.example', 'x-forwarded-host': 'ml.example.org' }, null, true],
    [{ host, origin: 'http://ml.example.org', 'sec-fetch-site': 'cross-site' }, 'http://ml.example.org', true],
    [{ host, 'sec-fetch-site': 'cross-site' }, null, true],
    [{ host, 'sec-fetch-site': 'same-site' }, null, true],
    [{ host, origin: 'http://127.0.0.1:9465' }, null, true],
    [{ host, origin: 'https://evil.example' }, null, true],
    [{ host, origin: 'null' }, null, true],
    [{ host, origin: '' }, null, true],
  ] as const)
    assert.equal(isCrossSite(headers, publicUrl), expected, JSON.stringify(headers))
})

test('one IPv6 network is one client, and so is an IPv4 address however it is written', () => {
  for (const [address, client] of [
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::1', '::1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ] as const)
    assert.equal(clientOf(address), client)
})

test('a bucket gives what it holds, then what flows in; debts are paid first, and each address has its own', () => {
  let now = 0
  const buckets = new Buckets({ perSecond: 2, burst: 3, now: () => now })
  const take = (address = 'a') => buckets.take(address)
  assert.deepEqual([take(), take(), take(), take(), take('b')], [0, 0, 0, 1, 0])
  now = 500
  assert.deepEqual([take(), take()], [0, 1])
  buckets.charge('a', 10)
  assert.equal(buckets.wait('a'), 6)
  now = 500 + 5_400
  assert.equal(buckets.wait('a'), 1)
  now = 500 + 5_500
  assert.deepEqual([take(), take()], [0, 1])
})

test('memory for addresses is bounded: the one that was quiet longest is forgotten', () => {
  const buckets = new Buckets({ perSecond: 1, burst: 1, now: () => 0 })
  buckets.take('first')
  assert.equal(buckets.wait('first'), 1)
  for (let i = 0; i < 10_000; i++) buckets.take(`10.0.${i >> 8}.${i & 255}`)
  assert.equal(buckets.wait('first'), 0)
})
