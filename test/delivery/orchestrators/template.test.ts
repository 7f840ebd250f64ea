import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  fillHeader,
  fillJson,
  fillPath,
  fillText,
  TemplateError,
} from '../../../src/delivery/orchestrators/template.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"}, "evil": {"a": "',
    '{{secrets.token}}',
    '../../admin',
    '\r\nx-evil: 1',
    '\\',
    '\u2028',
    '&a=b#',
    '%2e%2e',
  ),
)

test('a value stays inside the place that the template gives it, whatever it says', () => {
  fc.assert(
    fc.property(anyText, (model) => {
      const values = { model, secrets: { token: 'hidden' } }
      const body = JSON.parse(JSON.stringify(fillJson({ conf: { model: '{{model}}', text: 'of {{model}}.' } }, values)))
      assert.deepEqual(body, { conf: { model, text: `of ${model}.` } })
      assert.match(fillHeader('retrain {{model}}', values), /^retrain [\x20-\x7e]*$/)
      try {
        const url = new URL(`http://host/a/${fillPath('{{model}}', values)}/runs`)
        assert.equal(url.pathname.split('/').length, 4)
        assert.equal(`${url.search}${url.hash}`, '')
        assert.equal(decodeURIComponent(url.pathname.split('/')[2] ?? ''), model.toWellFormed())
      } catch (error) {
        assert.ok(error instanceof TemplateError && /^(\.|%2e){1,2}$/i.test(model), String(error))
      }
    }),
  )
})

test('a placeholder that stands alone becomes its value, one in a text becomes text', () => {
  const values = { evidence: [{ value: 1 }], n: 2, nothing: null }
  assert.deepEqual(fillJson({ a: '{{evidence}}', b: 'n={{n}}', c: '{{ nothing }}', d: '{{not.there}}' }, values), {
    a: [{ value: 1 }],
    b: 'n=2',
    c: null,
    d: null,
  })
})

test('parameters come in the forms that receivers ask for', () => {
  const values = { parameters: { model: 'm', rows: 5 } }
  const filled = (form: string) => fillJson(`{{parameters|${form}}}`, values)
  assert.deepEqual(filled('assignments'), ['model=m', 'rows=5'])
  assert.deepEqual(filled('pairs'), [
    { key: 'model', value: 'm' },
    { key: 'rows', value: '5' },
  ])
  assert.deepEqual(filled('named'), [
    { Name: 'model', Value: 'm' },
    { Name: 'rows', Value: '5' },
  ])
  assert.deepEqual(filled('texts'), { model: 'm', rows: '5' })
  assert.equal(filled('json'), '{"model":"m","rows":5}')
})

test('only own names are looked up', () => {
  assert.equal(fillText('{{constructor.name}}{{model.length}}', { model: 'm' }), '')
})
