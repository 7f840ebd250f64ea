// A real mail server, as they stand on the internet: what leeway sends is delivered, and what it is answered is understood.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEmailSender } from '../../src/delivery/channels/email/sender.ts'
import { Secret } from '../../src/secret.ts'
import { notification } from '../build/messages.ts'
import { missingForPostfix, startPostfix } from '../build/postfix.ts'
import { toThisMachine } from '../build/receivers.ts'

const missing = missingForPostfix()
if (missing !== null && process.env['CI'] !== undefined) throw new Error(missing)
const skip = missing ?? false
const password = 'right-canary-password'
let server: Awaited<ReturnType<typeof startPostfix>>
before(async () => {
  if (missing === null) server = await startPostfix({ user: 'leeway', password })
})
after(() => (missing === null ? server.stop() : undefined))

function sender(change: Partial<Parameters<typeof createEmailSender>[1]> = {}) {
  return createEmailSender('mail', {
    host: 'localhost',
    port: server.port,
    secure: false,
    plainText: false,
    login: { user: 'leeway', password: () => new Secret(password) },
    from: 'leeway@example.org',
    to: ['team@example.org'],
    outbound: toThisMachine,
    ca: server.ca,
    timeoutMs: 10_000,
    illustrate: async () => [
      {
        name: 'course',
        title: 'ROC AUC',
        alternative: 'ROC AUC fell.',
        table: { columns: ['window', 'value'], rows: [['14:05', '0.842']] },
        svg: '',
        width: 480,
        height: 300,
        png: Uint8Array.from({ length: 60_000 }, (_, i) => i % 251),
      },
    ],
    ...change,
  })
}

const outcomeOf = (change: Parameters<typeof sender>[0]) =>
  sender(change).send(notification('mail'), AbortSignal.timeout(30_000))

test('a letter is delivered after STARTTLS and a login, with its picture, its numbers and its thread', {
  skip,
}, async () => {
  const outcome = await outcomeOf({})
  assert.equal(outcome.result, 'delivered', `${JSON.stringify(outcome)}\n${server.log()}`)
  const [mail] = await server.mails(1)
  assert.equal(mail?.subject, '[leeway] credit-risk 7: ROC AUC 0.908 → 0.842 (0.812–0.867)')
  assert.equal(mail?.attachments[0]?.content.length, 60_000)
  assert.match(mail?.text ?? '', /14:05 {3}0\.842/)
  assert.equal(mail?.messageId, outcome.result === 'delivered' ? outcome.receipt : '')
  assert.match(server.log(), /sasl_method=PLAIN, sasl_username=leeway/)
})

test('a recipient who is put off is tried again, one who does not exist is refused', { skip }, async () => {
  const grey = await outcomeOf({ to: ['grey@example.org'] })
  assert.equal(grey.result, 'retry')
  assert.match(JSON.stringify(grey), /450 4\.7\.1/)
  const none = await outcomeOf({ to: ['none@example.org'] })
  assert.equal(none.result, 'refused')
  assert.match(JSON.stringify(none), /550 5\.1\.1/)
})

test('a wrong password, a missing login and a certificate of nobody are told as what they are', { skip }, async () => {
  const wrong = await outcomeOf({ login: { user: 'leeway', password: () => new Secret('wrong-canary-password') } })
  assert.deepEqual(wrong, { result: 'refused', because: 'localhost refuses the user name or password' })
  const nobody = await outcomeOf({ login: null })
  assert.equal(nobody.result, 'refused')
  assert.match(JSON.stringify(nobody), /Access denied/)
  const untrusted = await createEmailSender('mail', {
    ...{ host: 'localhost', port: server.port, secure: false, plainText: false, login: null, outbound: toThisMachine },
    ...{ from: 'leeway@example.org', to: ['team@example.org'] },
  }).send(notification('mail'), AbortSignal.timeout(30_000))
  assert.match(JSON.stringify(untrusted), /refused.*certificate/)
})
