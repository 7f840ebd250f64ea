// What strangers send: records that cannot be read, each with the reason it is quarantined with, and records that look wrong and
// are right.

/** A record of the model `ledger`; null is a tombstone. */
export interface StrangeRecord {
  readonly what: string
  readonly value: Buffer | null
}

export interface MalformedRecord extends StrangeRecord {
  readonly reason: string
}

const time = '2026-01-05T10:00:00Z'
const deep = 200_000

const event = (change: object) =>
  Buffer.from(JSON.stringify({ type: 'prediction', id: 'x', model: 'ledger', time, features: {}, ...change }))

/** A prediction, or a label, with some JSON added as it is written. */
const prediction = (json: string) =>
  Buffer.from(`{"type":"prediction","id":"x","model":"ledger","time":"${time}",${json}}`)
const label = (json: string) => Buffer.from(`{"type":"label","model":"ledger",${json}}`)
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, i]))

/** One record for each way of being unreadable. */
export const malformed: readonly MalformedRecord[] = [
  { reason: 'not_json', what: 'nothing at all', value: Buffer.alloc(0) },
  { reason: 'not_json', what: 'half an object', value: Buffer.from('{"type":"prediction"') },
  { reason: 'not_json', what: 'the literal NaN', value: Buffer.from('NaN') },
  { reason: 'not_json', what: 'a score of NaN', value: prediction('"score":NaN') },
  { reason: 'not_json', what: 'a score of -Infinity', value: prediction('"score":-Infinity') },
  { reason: 'not_json', what: 'a number with a plus', value: prediction('"score":+1') },
  { reason: 'not_json', what: 'a hexadecimal number', value: prediction('"score":0x1') },
  { reason: 'not_json', what: 'a trailing comma', value: prediction('"score":1,') },
  { reason: 'not_json', what: 'a comment', value: prediction('"score":1 /* sure */') },
  { reason: 'not_json', what: 'two records in one', value: Buffer.from('{}{}') },
  { reason: 'not_json', what: 'zero bytes', value: Buffer.alloc(64) },
  { reason: 'not_json', what: 'a line of CSV', value: Buffer.from('x,2026-01-05,0.5') },
  { reason: 'not_json', what: 'two byte order marks', value: Buffer.from('\ufeff\ufeff{}') },
  {
    reason: 'not_utf8',
    what: 'a byte that continues nothing',
    value: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]),
  },
  { reason: 'not_utf8', what: 'a surrogate in UTF-8', value: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) },
  { reason: 'not_utf8', what: 'UTF-16', value: Buffer.from('\ufeff{}', 'utf16le') },
  { reason: 'not_utf8', what: 'compressed bytes', value: Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe, 0xc0]) },
  { reason: 'not_object', what: 'a list', value: Buffer.from('[1,2,3]') },
  { reason: 'not_object', what: 'null', value: Buffer.from('null') },
  { reason: 'not_object', what: 'an infinite number', value: Buffer.from('1e999') },
  { reason: 'too_deep', what: `lists ${deep} levels deep`, value: Buffer.from('['.repeat(deep) + ']'.repeat(deep)) },
  {
    reason: 'too_deep',
    what: 'objects 5,000 levels deep',
    value: Buffer.from(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`),
  },
  { reason: 'too_many_keys', what: '10,000 features', value: event({ features: keys(10_000) }) },
  { reason: 'too_many_keys', what: '10,000 keys beside the event', value: event(keys(10_000)) },
  { reason: 'unknown_type', what: 'a type that is none', value: event({ type: 'guess' }) },
  { reason: 'unknown_type', what: 'a type that every object inherits', value: event({ type: 'toString' }) },
  { reason: 'missing_id', what: 'null as id', value: event({ id: null }) },
  { reason: 'missing_id', what: 'an empty id', value: event({ id: '' }) },
  { reason: 'bad_id', what: 'an id of 400 bytes', value: event({ id: 'é'.repeat(200) }) },
  { reason: 'bad_id', what: 'an id of 20 digits', value: prediction('"id":12345678901234567890') },
  { reason: 'bad_id', what: 'an infinite id', value: prediction('"id":1e400') },
  { reason: 'bad_id', what: 'a list as id', value: event({ id: ['x'] }) },
  { reason: 'missing_time', what: 'null as time', value: event({ time: null }) },
  { reason: 'bad_time', what: 'a word as time', value: event({ time: 'yesterday' }) },
  { reason: 'bad_time', what: 'a time before 1970', value: event({ time: -1 }) },
  { reason: 'bad_time', what: 'an infinite time', value: prediction('"time":1e999') },
  { reason: 'bad_time', what: 'a day that is none', value: event({ time: '2026-02-30T10:00:00Z' }) },
  { reason: 'bad_time', what: 'a month that is none', value: event({ time: '2026-13-01T10:00:00Z' }) },
  { reason: 'bad_time', what: 'a date as Americans write it', value: event({ time: '01/05/2026' }) },
  { reason: 'bad_time', what: 'the year 12026', value: event({ time: '12026-01-05T10:00:00Z' }) },
  { reason: 'bad_time', what: 'true as time', value: event({ time: true }) },
  { reason: 'bad_time', what: 'an object as time', value: event({ time: { $date: time } }) },
  { reason: 'bad_version', what: 'a list as version', value: event({ version: [1] }) },
  { reason: 'bad_version', what: 'a version of two lines', value: event({ version: 'a\nleeway_forged 1' }) },
  { reason: 'bad_version', what: 'half a surrogate as version', value: prediction('"version":"\\ud800"') },
  { reason: 'bad_version', what: 'a version of 129 characters', value: event({ version: 'v'.repeat(129) }) },
  { reason: 'bad_features', what: 'a list of features', value: event({ features: [1, 2] }) },
  { reason: 'bad_features', what: 'text as features', value: event({ features: 'age=41' }) },
  { reason: 'bad_score', what: 'a score of 1.5', value: event({ score: 1.5 }) },
  { reason: 'bad_score', what: 'an infinite score', value: prediction('"score":1e999') },
  { reason: 'bad_score', what: 'text as score', value: event({ score: '0.5' }) },
  { reason: 'bad_probabilities', what: 'an infinite probability', value: prediction('"probabilities":{"good":1e999}') },
  { reason: 'bad_probabilities', what: 'a probability of null', value: event({ probabilities: { good: null } }) },
  { reason: 'bad_prediction', what: 'an object as prediction', value: event({ prediction: {} }) },
  { reason: 'bad_prediction', what: 'an infinite prediction', value: prediction('"prediction":-1e999') },
  {
    reason: 'bad_prediction',
    what: 'a list for a model of two classes',
    value: event({ prediction: ['good', 'bad'] }),
  },
  {
    reason: 'bad_prediction',
    what: '10,000 names',
    value: event({ prediction: Array.from({ length: 10_000 }, String) }),
  },
  { reason: 'unsafe_key', what: '__proto__ in the event', value: prediction('"__proto__":{"polluted":1}') },
  {
    reason: 'unsafe_key',
    what: '__proto__ in the features',
    value: prediction('"features":{"__proto__":{"polluted":1}}'),
  },
  {
    reason: 'unsafe_key',
    what: 'an escaped __proto__',
    value: prediction('"features":{"\\u005f_proto__":{"polluted":1}}'),
  },
  {
    reason: 'unsafe_key',
    what: 'constructor',
    value: prediction('"features":{"constructor":{"prototype":{"polluted":1}}}'),
  },
  { reason: 'missing_label', what: 'no label', value: label(`"id":"x","time":"${time}"`) },
  {
    reason: 'bad_label',
    what: 'an unknown operation',
    value: label(`"id":"x","time":"${time}","label":"bad","op":"drop"`),
  },
  { reason: 'bad_label', what: 'an infinite label', value: label(`"id":"x","time":"${time}","label":1e999`) },
  { reason: 'future_time', what: 'the year 2999', value: event({ time: '2999-01-01T00:00:00Z' }) },
  { reason: 'future_time', what: 'the last instant there is', value: event({ time: '9999-12-31T23:59:59Z' }) },
  { reason: 'unknown_model', what: "a stranger's model", value: event({ model: 'stranger' }) },
  { reason: 'unknown_model', what: 'a model that every object inherits', value: event({ model: 'toString' }) },
]

/** Labels of ids that no prediction has, each written in an odd way that is right: they count as labels, and change no pane. */
export const oddLabels: readonly StrangeRecord[] = [
  { what: 'a number as id', value: label(`"id":4711,"time":"${time}","label":"bad"`) },
  { what: 'a negative zero as id', value: label(`"id":-0,"time":"${time}","label":"bad"`) },
  { what: 'half a surrogate in the id', value: label(`"id":"odd \\ud83d","time":"${time}","label":"bad"`) },
  {
    what: 'a byte order mark',
    value: Buffer.concat([Buffer.from('\ufeff'), label(`"id":"odd mark","time":"${time}","label":"bad"`)]),
  },
  { what: 'a key that stands there twice', value: label(`"id":"odd a","id":"odd b","time":"${time}","label":"bad"`) },
  {
    what: 'keys that nobody knows',
    value: label(`"id":"odd c","time":"${time}","label":"bad","x":1e999,"y":[[[[1]]]]`),
  },
  { what: 'a time with an offset', value: label('"id":"odd d","time":"2026-01-05T12:00:00+02:00","label":"bad"') },
  { what: 'a time of a microsecond', value: label('"id":"odd e","time":"2026-01-05T10:00:00.123456Z","label":"bad"') },
  { what: 'a leap day', value: label('"id":"odd f","time":"2028-02-29T10:00:00Z","label":"bad"') },
  { what: 'epoch seconds', value: label('"id":"odd g","time":1767607200,"label":"bad"') },
  { what: 'epoch milliseconds', value: label('"id":"odd h","time":1767607200000,"label":"bad"') },
  { what: 'epoch nanoseconds', value: label('"id":"odd i","time":1767607200000000000,"label":"bad"') },
  { what: 'a retraction of nothing', value: label(`"id":"odd j","time":"${time}","op":"retract"`) },
]
