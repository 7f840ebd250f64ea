import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalDecoder } from '../../src/events/decode.ts'
import type { RejectionReason } from '../../src/events/event.ts'
import { compileMapping } from '../../src/events/mapping.ts'
import { collect, reasonFor, row } from './collect.ts'

const canonical = canonicalDecoder({ defaultModel: 'm' })

/** A prediction with some of its JSON replaced or added. */
const p = (json: string) => `{"type":"prediction","id":"a","time":"2026-11-23T08:00:00Z",${json}}`
const l = (json: string) => `{"type":"label","id":"a","time":"2026-11-23T08:00:00Z",${json}}`
const deep = 150_000

/** What strangers send, and the reason each is put into quarantine with. */
const corpus: ReadonlyArray<readonly [RejectionReason, string, string | Uint8Array]> = [
  ['too_large', 'two megabytes', ' '.repeat(2 * 1024 * 1024)],
  ['not_utf8', 'a lone continuation byte', Uint8Array.of(0x7b, 0x80, 0x7d)],
  ['not_utf8', 'latin-1 text', Uint8Array.from([...'{"type":"m\xfcll"}'].map((c) => c.charCodeAt(0)))],
  ['not_utf8', 'an overlong slash', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)],
  ['not_utf8', 'a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
  ['not_utf8', 'UTF-16', Uint8Array.of(0xff, 0xfe, 0x7b, 0x00)],
  ['not_json', 'nothing', new Uint8Array(0)],
  ['not_json', 'one space', ' '],
  ['not_json', 'half an object', '{"type":"prediction"'],
  ['not_json', 'a line of CSV', 'a,b,c'],
  ['not_json', 'the literal NaN', p('"score":NaN')],
  ['not_json', 'two objects', '{}{}'],
  ['not_json', 'single quotes', "{'type':'prediction'}"],
  ['not_json', 'a zero byte', '\0'],
  ['not_json', 'a raw line break in a string', '{"type":"pre\ndiction"}'],
  ['not_json', 'an Avro header', Uint8Array.of(0, 0, 0, 0, 7, 2, 97)],
  ['too_deep', 'a bomb of lists', '['.repeat(deep)],
  ['too_deep', 'a closed bomb of lists', `${'['.repeat(deep)}${']'.repeat(deep)}`],
  ['too_deep', 'a bomb of objects', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`],
  ['too_deep', 'features nested 33 levels', p(`"features":{"x":${'['.repeat(31)}1${']'.repeat(31)}}`)],
  ['not_object', 'null', 'null'],
  ['not_object', 'a list', '[1,2]'],
  ['not_object', 'a number', '42'],
  ['not_object', 'text', '"prediction"'],
  ['unknown_type', 'no type', '{"id":"a"}'],
  ['unknown_type', 'another type', '{"type":"feedback","id":"a"}'],
  ['unknown_type', 'a type that every object inherits', '{"type":"toString"}'],
  ['unknown_type', 'a list as type', '{"type":["prediction"]}'],
  ['missing_id', 'no id', '{"type":"prediction","time":1}'],
  ['missing_id', 'an empty id', '{"type":"prediction","id":"","time":1}'],
  ['missing_id', 'null as id', '{"type":"label","id":null,"time":1}'],
  ['bad_id', 'an object as id', '{"type":"prediction","id":{},"time":1}'],
  ['bad_id', 'true as id', '{"type":"prediction","id":true,"time":1}'],
  ['bad_id', 'an id of 20 digits as a number', '{"type":"prediction","id":12345678901234567890,"time":1}'],
  ['bad_id', 'an infinite id', '{"type":"prediction","id":1e999,"time":1}'],
  ['bad_id', 'an id of 1,000 characters', p('"x":1').replace('"a"', `"${'x'.repeat(1000)}"`)],
  ['missing_model', 'a number as model', p('"model":7')],
  ['missing_model', 'an empty model', p('"model":""')],
  ['missing_model', 'a model name of 129 characters', p(`"model":"${'m'.repeat(129)}"`)],
  ['missing_time', 'no time', '{"type":"prediction","id":"a"}'],
  ['missing_time', 'null as time', '{"type":"label","id":"a","time":null,"label":"1"}'],
  ['bad_time', 'words as time', '{"type":"prediction","id":"a","time":"yesterday"}'],
  ['bad_time', 'a negative time', '{"type":"prediction","id":"a","time":-1}'],
  ['bad_time', 'an infinite time', '{"type":"prediction","id":"a","time":1e999}'],
  ['bad_time', 'the year 12026', '{"type":"prediction","id":"a","time":"12026-11-23T08:00:00Z"}'],
  ['bad_time', 'a month 13', '{"type":"prediction","id":"a","time":"2026-13-23T08:00:00Z"}'],
  ['bad_time', 'an object as time', '{"type":"prediction","id":"a","time":{"$date":1}}'],
  ['bad_version', 'a version of 129 characters', p(`"version":"${'7'.repeat(129)}"`)],
  ['bad_version', 'a list as version', p('"version":[7]')],
  ['bad_features', 'a list of features', p('"features":[1,2]')],
  ['bad_features', 'text as features', p('"features":"age=41"')],
  ['bad_prediction', 'an infinite prediction', p('"prediction":1e999')],
  ['bad_prediction', 'an object as prediction', p('"prediction":{"class":"good"}')],
  ['bad_prediction', 'an empty prediction', p('"prediction":""')],
  ['bad_prediction', 'a class name of 129 characters', p(`"prediction":"${'c'.repeat(129)}"`)],
  ['bad_score', 'a score above 1', p('"score":1.0000001')],
  ['bad_score', 'a score below 0', p('"score":-0.1')],
  ['bad_score', 'a percentage as score', p('"score":17')],
  ['bad_score', 'text as score', p('"score":"0.17"')],
  ['bad_score', 'an infinite score', p('"score":1e999')],
  ['bad_score', 'true as score', p('"score":true')],
  ['bad_probabilities', 'a list of probabilities', p('"probabilities":[0.1,0.9]')],
  ['bad_probabilities', 'a probability above 1', p('"probabilities":{"good":1.5}')],
  ['bad_probabilities', 'a probability of null', p('"probabilities":{"good":null}')],
  ['bad_probabilities', 'text as probability', p('"probabilities":{"good":"0.5"}')],
  ['missing_label', 'no label', '{"type":"label","id":"a","time":1}'],
  ['missing_label', 'null as label', l('"label":null')],
  ['missing_label', 'NaN as label', l('"label":"NaN"')],
  ['bad_label', 'an object as label', l('"label":{}')],
  ['bad_label', 'an infinite label', l('"label":-1e999')],
  ['bad_label', 'an unknown op', l('"label":"1","op":"delete"')],
  ['bad_label', 'a number as op', l('"label":"1","op":1')],
  ['unsafe_key', '__proto__ in the event', p('"__proto__":{"polluted":1}')],
  ['unsafe_key', '__proto__ in the features', p('"features":{"__proto__":{"polluted":1}}')],
  ['unsafe_key', 'an escaped __proto__ in the features', p('"features":{"\\u005f_proto__":{"polluted":1}}')],
  ['unsafe_key', 'constructor in the features', p('"features":{"constructor":{"prototype":{"polluted":1}}}')],
  ['unsafe_key', 'prototype in the features', p('"features":{"prototype":1}')],
  ['unsafe_key', '__proto__ as a class', p('"probabilities":{"__proto__":0.5}')],
  ['unsafe_key', 'constructor in a label', l('"label":"1","constructor":1')],
]

for (const [reason, what, record] of corpus) {
  test(`${what} is rejected as ${reason}`, () => {
    const [heard, ...more] = collect(canonical, record)
    assert.equal(heard?.kind === 'rejected' ? heard.reason : heard?.kind, reason)
    assert.ok(heard?.kind === 'rejected' && heard.detail.length > 0 && heard.detail.length < 400, 'the detail is short')
    assert.deepEqual(more, [])
  })
}

test('no record can change what other objects inherit', () => {
  const mapped = compileMapping({ id: 'id', time: 'time' }, { model: 'm', textual: false, regression: false })
  for (const [, , record] of corpus) {
    collect(canonical, record)
    collect(mapped, record)
  }
  collect(mapped, row(JSON.parse('{"id":"a","time":1,"__proto__":{"polluted":1}}')))
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.deepEqual(Object.keys(Object.prototype), [])
})

test('records in another format are held to the same limits as canonical ones', () => {
  const mapped = compileMapping({ id: 'id', time: 'time' }, { model: 'm', textual: false, regression: false })
  const shared = new Set<RejectionReason>(['too_large', 'not_utf8', 'not_json', 'too_deep', 'not_object'])
  for (const [reason, what, record] of corpus) {
    if (shared.has(reason)) assert.equal(reasonFor(mapped, record), reason, what)
  }
  assert.equal(reasonFor(mapped, '{"id":"a","time":1,"__proto__":{}}'), 'unsafe_key')
  assert.equal(reasonFor(mapped, row(JSON.parse('{"id":"a","time":1,"constructor":1}'))), 'unsafe_key')
})
