import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, createApi } from '../../src/ui/api.ts'
import { Session } from '../../src/ui/session.ts'
import { tabStorage } from '../../src/ui/tab-storage.ts'

const blocked = {
  get sessionStorage(): Storage {
    throw new Error('this browser keeps nothing')
  },
}

test('where the browser keeps nothing, a token is kept until the page is loaded anew', () => {
  const session = new Session(tabStorage(blocked))
  session.use('good')
  assert.equal(session.token, 'good')
  session.use(null)
  assert.equal(session.token, null)
})

test('a question that had no answer is asked again, and of a deed nobody says that it is', async (t) => {
  const api = createApi(new URL('http://leeway.test/'), new Session(tabStorage(blocked)))
  const answers = [async () => new Response('{"detail": "ackn'), async () => Promise.reject(new TypeError('cut'))]
  for (const answer of answers) {
    t.mock.method(globalThis, 'fetch', answer)
    await assert.rejects(() => api.get('fleet'), /this page tries again$/)
    await assert.rejects(() => api.post('reload', {}), /whether it was done is not known: look before you do it again$/)
  }
})

test('an answer that is not of the daemon is told as that, and not as an error of a programmer', async (t) => {
  t.mock.method(globalThis, 'fetch', async () => new Response('<html>Log in, please</html>'))
  const api = createApi(new URL('http://leeway.test/'), new Session(tabStorage(blocked)))
  for (const asked of [() => api.get('fleet'), () => api.post('reload', {})])
    await assert.rejects(
      asked,
      (error) => error instanceof ApiError && /what answered is not leeway/.test(error.message),
    )
})
