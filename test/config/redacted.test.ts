import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { redactedText } from '../../src/config/redacted.ts'
import { Secret } from '../../src/secret.ts'

const shown = (written: unknown) => parse(redactedText(written))
const R = '<redacted>'

test('files that hold secrets are named, and what could be one itself is not shown', () => {
  const written = {
    channels: {
      pager: { type: 'pagerduty', routingKeyFile: '/run/secrets/key', region: 'eu' },
      hook: {
        type: 'webhook',
        url: 'https://hooks.example.com/services/T0123456789ABCDEF0/x?token=abc&v=2',
        secretFile: 'env:HOOK',
      },
      odd: { token: 'abc', password: 'hunter22', nested: { apiKey: 12345, token: { value: 'x' } } },
      login: { type: 'webhook', url: 'https://anna:pw@example.com/x' },
    },
    retraining: {
      a: {
        target: 'http',
        headers: { 'x-team': 'risk', authorization: 'Bearer {{secrets.API}}' },
        secrets: { API_TOKEN: '/run/secrets/api' },
        launch: { headers: { cookie: 'session=1' }, json: { secret: 'abc', ok: 'fine' } },
      },
    },
  }
  assert.deepEqual(shown(written), {
    channels: {
      pager: { type: 'pagerduty', routingKeyFile: '/run/secrets/key', region: 'eu' },
      hook: {
        type: 'webhook',
        url: `https://hooks.example.com/services/${R}/x?token=${R}&v=${R}`,
        secretFile: 'env:HOOK',
      },
      odd: { token: R, password: R, nested: { apiKey: R, token: { value: R } } },
      login: { type: 'webhook', url: R },
    },
    retraining: {
      a: {
        target: 'http',
        headers: { 'x-team': R, authorization: 'Bearer {{secrets.API}}' },
        secrets: { API_TOKEN: '/run/secrets/api' },
        launch: { headers: { cookie: R }, json: { secret: R, ok: 'fine' } },
      },
    },
  })
})

test('a secret of this process is not shown, wherever it stands and in whatever form', () => {
  const secret = new Secret('correct horse battery')
  const text = redactedText({ note: `x ${secret.reveal()} y`, encoded: encodeURIComponent(secret.reveal()) })
  assert.doesNotMatch(text, /horse/)
})

test('what looks like a token is not shown, under whatever name', () => {
  assert.deepEqual(shown({ description: 'xoxb-123-abc', list: ['ghp_0123456789abcdefghijABCDEFGHIJ'] }), {
    description: R,
    list: [R],
  })
})

test('what is no secret stays as it was written', () => {
  const written = {
    models: {
      small: {
        windows: [{ size: '6h', slide: '1h' }],
        labels: { horizon: '30d' },
        minSamples: 100,
        columns: { age: 'numeric' },
      },
    },
  }
  assert.deepEqual(shown(written), written)
})

test('a query, a path, and what others defined may hold secrets under any name', () => {
  const key = 'Zm9vYmFyMTIzNDU2Nzg5'
  const written = {
    retraining: {
      a: {
        target: 'http',
        url: `https://prod.example.com/x?${key}#${key}`,
        auth: { type: 'bearer', tokenFile: '/run/secrets/t' },
        launch: {
          path: `/hooks/${key}/{{model}}/runs`,
          query: { sig: 'abc', code: 7, run: '{{key}}', [key]: '' },
          json: { accessKey: 'a', signingKey: 'b', passphrase: 'c', pwd: 'd', keyFile: 'e', secrets: { x: 'f' }, n: 1 },
          link: `{{url}}/runs/{{run.id}}?sig=abc&${key}`,
        },
        parameters: { model: '{{model}}', sig: 'abc' },
      },
    },
  }
  const hidden = { accessKey: R, signingKey: R, passphrase: R, pwd: R, keyFile: 'e', secrets: { x: R }, n: 1 }
  assert.deepEqual(shown(written), {
    retraining: {
      a: {
        target: 'http',
        url: `https://prod.example.com/x?${R}#${R}`,
        auth: { type: 'bearer', tokenFile: '/run/secrets/t' },
        launch: {
          path: `/hooks/${R}/{{model}}/runs`,
          query: { sig: R, code: R, run: '{{key}}', [R]: R },
          json: hidden,
          link: `{{url}}/runs/{{run.id}}?sig=${R}&${R}`,
        },
        parameters: { model: '{{model}}', sig: R },
      },
    },
  })
})

test('names that people chose neither hide what stands under them nor show a secret', () => {
  const plain = {
    sources: {
      tokens: {
        type: 'kafka',
        topics: { 'secret-events': { events: { id: 'key', features: { token: 'tokenKey' } } } },
      },
      secrets: { type: 'file', path: '/data/2026-11-production-0123456789.csv', events: { id: 'id' } },
    },
    models: {
      'token-classifier': { windows: [{ size: '6h' }], columns: { token_count: 'numeric', passwordFile: 'numeric' } },
    },
    channels: { token: { type: 'slack', tokenFile: '/t', people: { UKEY: { name: 'ann', role: 'approver' } } } },
    retraining: { 'token-classifier': { target: 'github', repository: 'a/b', tokenFile: '/t' } },
  }
  assert.deepEqual(shown(plain), plain)
  assert.deepEqual(shown({ channels: { creditFile: { type: 'webhook', secret: 'abc' } } }), {
    channels: { creditFile: { type: 'webhook', secret: R } },
  })
})
