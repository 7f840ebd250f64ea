import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderToString } from 'preact-render-to-string'
import { html } from '../../src/ui/html.ts'
import { Session } from '../../src/ui/session.ts'
import { SignIn } from '../../src/ui/sign-in.ts'

function sessionWith(token: string | null) {
  const kept = new Map(token === null ? [] : [['leeway-token', token]])
  return new Session({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  })
}
const drawn = (session: Session) => renderToString(html`<${SignIn} session=${session} />`)

test('whoever wishes for another token is not told that the old one is unknown, and may keep it', () => {
  const session = sessionWith('good')
  session.ask()
  assert.doesNotMatch(drawn(session), /not known here/)
  assert.match(drawn(session), /Keep the one there is/)
  session.keep()
  assert.deepEqual([session.token, session.asks], ['good', null])
})

test('a token that was refused is called so, even where another was wished for before', () => {
  const session = sessionWith('bad')
  session.ask()
  session.ask('refused')
  session.ask()
  assert.match(drawn(session), /not known here/)
  assert.doesNotMatch(drawn(session), /Keep the one/)
  assert.doesNotMatch(drawn(sessionWith(null)), /not known here/)
})

test('what no header can carry is not taken for a token', () => {
  const pattern = /pattern="([^"]*)"/.exec(drawn(sessionWith(null)))?.[1] ?? ''
  const takes = new RegExp(`^(?:${pattern})$`, 'v')
  assert.deepEqual(
    [' abc-1~ ', 'a b', 'abc\u2026', 'abc\u200b', ''].map((text) => takes.test(text)),
    [true, false, false, false, false],
  )
})
