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

test('an answer that is not of the daemon is told as that, and not as an error of a programmer', async (t) => {
  t.mock.method(globalThis, 'fetch', async () => new Response('<html>Log in, please</html>'))
  const api = createApi(new URL('http://leeway.test/'), new Session(tabStorage(blocked)))
  for (const asked of [() => api.get('fleet'), () => api.post('reload', {})])
    await assert.rejects(
      asked,
      (error) => error instanceof ApiError && /what answered is not leeway/.test(error.message),
    )
})
