// Email against a real SMTP server: STARTTLS demanded, a password, recipients refused for a while or for good.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEmailSender } from '../../src/delivery/channels/email/sender.ts'
import type { Illustration } from '../../src/delivery/charts/illustrate.ts'
import type { Envelope, Notification } from '../../src/delivery/notification.ts'
import { Secret } from '../../src/secret.ts'
import { AT, message, notification } from '../build/messages.ts'
import { certificate, mailServer, toThisMachine } from '../build/receivers.ts'

const tls = certificate()
const signal = AbortSignal.timeout(30_000)
let server: Awaited<ReturnType<typeof mailServer>>
before(async () => {
  server = await mailServer(tls)
})
after(() => server.close())

function sender(change: Partial<Parameters<typeof createEmailSender>[1]> = {}) {
  return createEmailSender('mail', {
    host: 'localhost',
    port: server.port,
    secure: false,
    login: { user: 'leeway', password: () => new Secret('right') },
    plainText: false,
    outbound: toThisMachine,
    from: 'leeway@example.org',
    to: ['team@example.org'],
    ca: tls.cert,
    timeoutMs: 3_000,
    ...change,
  })
}

test('a message arrives over STARTTLS as text and HTML, in the thread of its incident', async () => {
  const email = sender()
  assert.equal((await email.send(notification('mail'), signal)).result, 'delivered')
  assert.equal((await email.send(notification('mail', { change: 'resolved' }), signal)).result, 'delivered')
  const [fired, resolved] = server.mails.slice(-2)
  assert.equal(fired?.subject, '[leeway] credit-risk 7: ROC AUC 0.908 → 0.842 (0.812–0.867)')
  assert.match(fired?.text ?? '', /4,210 labelled of 5,210 rows/)
  assert.match(String(fired?.html), /<b>income<\/b>/)
  assert.deepEqual(fired?.references, resolved?.references)
  await email.close()
})

const chart: Illustration = {
  name: 'course',
  title: 'ROC AUC',
  alternative: 'ROC AUC fell: now 0.842 & "less"',
  table: { columns: ['window ends', 'value'], rows: [['14:05', '0.842 (0.822–0.862)']] },
  svg: '',
  width: 480,
  height: 300,
  png: Uint8Array.of(137, 80, 78, 71),
}

const last = () => server.mails.at(-1) as (typeof server.mails)[number]

test('a chart stands in the HTML, and its numbers in both parts', async () => {
  const email = sender({ illustrate: async () => [chart] })
  assert.equal((await email.send(notification('mail'), signal)).result, 'delivered')
  const { attachments, html, text } = last()
  assert.deepEqual(
    attachments.map(({ cid, contentType, contentDisposition, content }) => [
      cid,
      contentType,
      contentDisposition,
      [...content],
    ]),
    [['course@leeway', 'image/png', 'inline', [137, 80, 78, 71]]],
  )
  // The parser has put the picture in place of its id.
  assert.match(
    String(html),
    /<img src="data:image\/png;base64,iVBORw==" alt="ROC AUC fell: now 0\.842 &amp; &quot;less&quot;"/,
  )
  assert.match(String(html), /<td[^>]*>0\.842 \(0\.822–0\.862\)<\/td>/)
  assert.match(text ?? '', /window ends {2}value\n14:05 {8}0\.842 \(0\.822–0\.862\)/)
})

test('what follows refers to the first message of the incident; machines see that no answer is wanted', async () => {
  const email = sender()
  const outcome = await email.send(notification('mail'), signal)
  const first = outcome.result === 'delivered' ? outcome.receipt : undefined
  assert.equal(first, last().messageId)
  const later = {
    ...notification('mail', { change: 'resolved' }),
    key: 'later',
    ...(first !== undefined && { thread: first }),
  }
  await email.send(later, signal)
  const { inReplyTo, references, headers } = last()
  assert.equal(inReplyTo, first)
  assert.equal([references].flat().at(-1), first)
  assert.notEqual(last().messageId, first)
  assert.equal(headers.get('auto-submitted'), 'auto-generated')
  assert.match(JSON.stringify(headers.get('list')), /"id":"mail\.leeway\.example\.org"/)
})

test('a group tells of its incidents, a digest of its figures, in both parts', async () => {
  const email = sender()
  const send = async (envelope: Envelope) => {
    const row: Notification = { ...notification('mail'), key: envelope.kind, envelope }
    assert.equal((await email.send(row, signal)).result, 'delivered')
    return last()
  }
  const messages = Array.from({ length: 60 }, (_, i) => ({ ...message(), title: `model-${i}: drifting` }))
  const group = await send({ kind: 'group', channel: 'mail', title: '60 incidents began within 5 minutes', messages })
  assert.equal(group.subject, '[leeway] 60 incidents began within 5 minutes')
  for (const part of [group.text ?? '', String(group.html)]) {
    assert.match(part, /model-49: drifting/)
    assert.match(part, /And 10 more\./)
  }
  const figures = [{ name: 'ROC AUC', value: '0.91 (0.90–0.92)' }]
  const digest = {
    title: 'credit-risk: all is well',
    model: 'credit-risk',
    from: AT,
    to: AT,
    paragraphs: ['Nothing fired.'],
    figures,
    link: null,
  }
  const summary = await send({ kind: 'digest', channel: 'mail', digest })
  for (const part of [summary.text ?? '', String(summary.html)]) assert.match(part, /0\.91 \(0\.90–0\.92\)/)
})

test('an attempt that is repeated carries the same message id', async () => {
  const email = sender()
  await email.send(notification('mail'), signal)
  await email.send(notification('mail'), signal)
  const [first, second] = server.mails.slice(-2)
  assert.equal(first?.messageId, second?.messageId)
  await email.close()
})

test('a name with line breaks or markup stays text: no header, no recipient, no element of its own', async () => {
  const email = sender()
  const row = notification('mail')
  if (row.envelope.kind !== 'message') throw new Error('not a message')
  const evil = {
    ...row,
    envelope: {
      ...row.envelope,
      message: {
        ...row.envelope.message,
        title: 'x\r\nBcc: evil@example.org',
        features: [{ name: '<script>alert(1)</script>', detail: '\u202egnp' }],
      },
    },
  }
  await email.send(evil, signal)
  const mail = server.mails.at(-1)
  assert.equal(mail?.bcc, undefined)
  assert.ok(!String(mail?.html).includes('<script>'))
  assert.ok(!mail?.text?.includes('\u202e'))
  await email.close()
})

test('what may pass is tried again, what a person must mend is refused', async () => {
  const outcome = async (change: Parameters<typeof sender>[0]) => {
    const email = sender(change)
    const result = await email.send(notification('mail'), signal)
    await email.close()
    return result
  }
  assert.equal((await outcome({ to: ['450@example.org'] })).result, 'retry')
  assert.equal((await outcome({ to: ['550@example.org'] })).result, 'refused')
  const wrong = await outcome({ login: { user: 'leeway', password: () => new Secret('wr0ng-secret') } })
  assert.equal(wrong.result, 'refused')
  assert.ok(!JSON.stringify(wrong).includes('wr0ng-secret'))
  assert.equal((await outcome({ port: 1 })).result, 'retry')
  const unknown = createEmailSender('mail', {
    host: 'localhost',
    port: server.port,
    secure: false,
    login: { user: 'leeway', password: () => new Secret('right') },
    plainText: false,
    outbound: toThisMachine,
    from: 'a@example.org',
    to: ['b@example.org'],
  })
  const refused = await unknown.send(notification('mail'), signal)
  assert.equal(refused.result, 'refused')
  assert.match(refused.result === 'refused' ? refused.because : '', /certificate/)
  await unknown.close()
})

test('one refused recipient of several does not keep the others from the message', async () => {
  const email = sender({ to: ['team@example.org', '550@example.org'] })
  const outcome = await email.send(notification('mail'), signal)
  assert.equal(outcome.result, 'delivered')
  assert.match(outcome.result === 'delivered' ? (outcome.detail ?? '') : '', /550@example\.org/)
  await email.close()
})

test('a server that asks to come back later is tried again, at whatever step it says so', async () => {
  let login: string | null = '454 4.7.0 temporary authentication failure'
  let from: string | null = null
  const busy = await mailServer(tls, { login: () => login, sender: () => from })
  const email = sender({ port: busy.port })
  const result = async () => (await email.send(notification('mail'), signal)).result
  assert.equal(await result(), 'retry')
  login = null
  from = '451 4.3.0 try again'
  assert.equal(await result(), 'retry')
  from = null
  assert.equal(await result(), 'delivered')
  await busy.close()
})

test('who was asked to wait gets the message later, and those who have it do not get it again', async () => {
  let isGrey = true
  const grey = await mailServer(tls, {
    recipient: (address) => (isGrey && address.startsWith('new') ? '450 greylisted' : null),
  })
  const email = sender({ port: grey.port, to: ['team@example.org', 'new@example.org', '550@example.org'] })
  const first = await email.send(notification('mail'), signal)
  assert.equal(first.result, 'retry')
  assert.match(JSON.stringify(first), /"isNotTaken":false/)
  assert.equal((await email.send(notification('mail'), signal)).result, 'retry')
  isGrey = false
  const last = await email.send(notification('mail'), signal)
  assert.match(JSON.stringify(last), /delivered.*refused for 550@example\.org/)
  assert.deepEqual(grey.recipients, [['team@example.org'], ['new@example.org']])
  assert.equal(new Set(grey.mails.map(({ messageId }) => messageId)).size, 1)
  await grey.close()
})

test('a mailbox that is full for days holds up the others for half an hour, once', async () => {
  let isFull = true
  const server = await mailServer(tls, {
    recipient: (address) => (isFull && address.startsWith('full') ? '452 4.2.2 mailbox full' : null),
  })
  let now = 0
  const email = sender({ port: server.port, to: ['team@example.org', 'full@example.org'], steady: () => now })
  const send = (key: string) => email.send({ ...notification('mail'), key }, signal)
  assert.equal((await send('a')).result, 'retry')
  now = 31 * 60_000
  assert.match(JSON.stringify(await send('a')), /delivered.*refused for full@example\.org/)
  assert.match(JSON.stringify(await send('b')), /delivered.*refused for full@example\.org/)
  // It takes something again: from now on it is waited for again.
  isFull = false
  assert.equal((await send('c')).result, 'delivered')
  isFull = true
  assert.equal((await send('d')).result, 'retry')
  assert.deepEqual(
    server.recipients.map(({ length }) => length),
    [1, 1, 2, 1],
  )
  await server.close()
})

test('without TLS nothing is sent, unless that was allowed', async () => {
  const plain = await mailServer(tls, { withoutTls: true })
  const refused = await sender({ port: plain.port }).send(notification('mail'), signal)
  assert.equal(refused.result, 'refused')
  assert.match(refused.result === 'refused' ? refused.because : '', /offers no TLS.*plainText: true/)
  assert.equal(
    (await sender({ port: plain.port, plainText: true }).send(notification('mail'), signal)).result,
    'delivered',
  )
  assert.equal(plain.mails.length, 1)
  await plain.close()
})

test('TLS from the first byte is verified like any other', async () => {
  const secure = await mailServer(tls, { isSecure: true })
  assert.equal(
    (await sender({ port: secure.port, secure: true }).send(notification('mail'), signal)).result,
    'delivered',
  )
  const settings = {
    port: secure.port,
    secure: true,
    host: 'localhost',
    plainText: false,
    login: null,
    outbound: toThisMachine,
  }
  const unknown = createEmailSender('mail', { ...settings, from: 'a@example.org', to: ['b@example.org'] })
  const outcome = await unknown.send(notification('mail'), signal)
  assert.match(outcome.result === 'refused' ? outcome.because : '', /certificate/)
  await secure.close()
})
