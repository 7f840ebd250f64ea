import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, parseAddress, withQuery } from '../../src/ui/address.ts'
import { findView, views } from '../../src/ui/views.ts'

test('an address is read as it was written, wherever the UI lies and whatever the names are', () => {
  for (const root of ['/ui/', '/some/prefix/ui/']) {
    for (const name of ['credit-risk', 'a/b?c#d', '<b>"x"</b>', '50 % ü', '..']) {
      const text = addressOf(['models', name], { window: '1h', version: name, from: undefined })
      const url = new URL(root + text, 'http://localhost')
      if (name === '..') continue
      assert.deepEqual(parseAddress(root, url), { path: ['models', name], query: { window: '1h', version: name } })
    }
  }
})

test('a part that is not well encoded is taken as it is', () => {
  assert.deepEqual(parseAddress('/ui/', new URL('http://x/ui/models/%E0%A4%A')).path, ['models', '%E0%A4%A'])
})

test('a state changes a part of the query and keeps the rest', () => {
  const address = parseAddress('/ui/', new URL('http://x/ui/?status=alarm&search=a+b'))
  assert.equal(withQuery(address, { status: undefined, window: '1h' }), '?search=a+b&window=1h')
})

test('a view is found by its pattern, and names are taken from it', () => {
  const entry = { pattern: 'models/:model/features/:feature', view: () => null, title: () => '' }
  const all = [...views, entry]
  assert.equal(findView([], all)?.entry, views[0])
  assert.deepEqual(findView(['models', 'a', 'features', 'b c'], all)?.parameters, { model: 'a', feature: 'b c' })
  assert.equal(findView(['models', 'a', 'other', 'b'], all), undefined)
})
