import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { loadDocument, readDocument } from '../../src/config/load.ts'
import type { RouteSettings } from '../../src/config/route-settings.ts'
import { whereIs } from '../../src/config/targets/targets.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { documentText, withModel } from './document.ts'

const read = (text: string) => readDocument(text, 'config/leeway.yaml')

const waysOf = ({ model, kind, severity, to, repeatMs, escalate }: RouteSettings) => [
  ...[model, kind, severity].map((one) => one ?? 'any'),
  to,
  repeatMs,
  escalate,
]

test('what is left out has a default', () => {
  const { sources, models, channels, routes, retraining } = read(`
apiVersion: leeway/v1
sources: {production: {type: kafka, brokers: [localhost:9092], topics: [predictions, labels]}}
models: {credit-risk: {source: production, task: regression, reference: {first: 7d}, windows: [{size: 24h, slide: 1h}]}}
`)
  assert.deepEqual(sources.get('production'), {
    name: 'production',
    type: 'kafka',
    brokers: ['localhost:9092'],
    topics: new Map([
      ['predictions', 'canonical'],
      ['labels', 'canonical'],
    ]),
    ssl: false,
    sasl: null,
    onLoss: 'continue',
    maxRecordBytes: 1_048_576,
    maxBatchBytes: 67_108_864,
    requestTimeoutMs: 30 * SECOND,
    stallTimeoutMs: MINUTE,
    outOfOrdernessMs: MINUTE,
    idleTimeoutMs: 10 * SECOND,
    maxFutureSkewMs: 5 * MINUTE,
    allowedLatenessMs: HOUR,
  })
  assert.deepEqual(models.get('credit-risk'), {
    name: 'credit-risk',
    source: 'production',
    task: 'regression',
    positiveClass: null,
    classes: null,
    reference: { from: 'stream', firstMs: 7 * DAY },
    watch: {
      windows: [{ name: '1d', sizeMs: DAY, slideMs: HOUR }],
      falseAlarmBudget: 1,
      minSamples: 100,
      estimation: true,
      minCoverage: 0.8,
      metrics: ['mae', 'rmse', 'bias'],
      metricOptions: { top: 3, topShare: 0.1, quantiles: [], cost: null },
      alarms: { mae: { share: 0.1 }, rmse: { share: 0.1 }, bias: { share: 0.1 } },
      multivariate: true,
      conceptDrift: { detector: 'e-detector', tolerance: 0.01 },
    },
    horizonMs: 30 * DAY,
    columnKinds: Object.create(null),
    multivariate: true,
    baseline: 'pooled',
  })
  assert.deepEqual([...channels], [['console', { type: 'console', name: 'console', options }]])
  assert.deepEqual(routes.map(waysOf), [['any', 'any', 'any', ['console'], DAY, null]])
  assert.equal(retraining.size, 0)
})

test('silence is told after three slides and half the horizon, at least an hour and a day, unless it is said otherwise', () => {
  const rule = (more: string) => {
    const slides = '[{size: 6h, slide: 10m}, {size: 24h, slide: 1h}]'
    return read(`
apiVersion: leeway/v1
sources: {production: {type: kafka, brokers: [localhost:9092], topics: [predictions, labels]}}
models: {m: {source: production, task: regression, reference: {first: 7d}, windows: ${slides}${more}}}
`).liveness.get('m')
  }
  assert.deepEqual(rule(''), { noDataMs: 3 * HOUR, staleLabelsMs: 15 * DAY })
  assert.deepEqual(rule(', labels: {horizon: 6h}')?.staleLabelsMs, DAY)
  assert.deepEqual(rule(', noData: {after: 5m}, staleLabels: off'), { noDataMs: 5 * MINUTE, staleLabelsMs: null })
})

test('paths are relative to the configuration file, and a reference file has the columns of its source', () => {
  const document = read(documentText())
  const history = document.sources.get('history')
  assert.equal(history?.type === 'file' ? history.path : '', resolve('config/data/scored.csv'))
  assert.deepEqual(document.models.get('credit-risk')?.reference, {
    from: 'file',
    file: resolve('config/reference.csv'),
    events: { id: 'row_id', time: 'scored_at', label: 'outcome' },
  })
  const slack = document.channels.get('ml-team')
  assert.equal(slack?.type === 'slack' ? slack.tokenFile : '', '/run/secrets/slack')
})

test('topics may have formats of their own', () => {
  const { sources } = read(
    documentText({
      sources: `
  history:
    type: kafka
    brokers: [a:1, b:2]
    topics:
      scored: {events: {id: row_id, time: scored_at, features: {age: payload.age}}}
      outcomes: {events: {id: row_id, label: outcome, labelTime: known_at}}
    ssl: true
    sasl: {mechanism: scram-sha-512, username: leeway, passwordFile: secrets/kafka}
    outOfOrderness: 0s
    allowedLateness: 2h`,
      models:
        '\n  credit-risk: {source: history, task: binary, reference: {profile: p.json}, windows: [{size: 1h, slide: 5m}]}',
    }),
  )
  const source = sources.get('history')
  assert.ok(source?.type === 'kafka')
  assert.deepEqual(source.topics.get('scored'), { id: 'row_id', time: 'scored_at', features: { age: 'payload.age' } })
  assert.deepEqual(source.topics.get('outcomes'), { id: 'row_id', label: 'outcome', labelTime: 'known_at' })
  assert.deepEqual(source.sasl, {
    mechanism: 'scram-sha-512',
    username: 'leeway',
    passwordFile: resolve('config/secrets/kafka'),
  })
  assert.deepEqual([source.ssl, source.outOfOrdernessMs, source.allowedLatenessMs], [{}, 0, 2 * HOUR])
})

test('a login by token asks an authorization server or reads a file, and never both; certificates lie beside the document', () => {
  const sourceWith = (settings: string) =>
    read(`
apiVersion: leeway/v1
sources: {production: {type: kafka, brokers: [localhost:9092], topics: [predictions], ${settings}}}
models: {credit-risk: {source: production, task: regression, reference: {first: 7d}, windows: [{size: 24h, slide: 1h}]}}
`).sources.get('production')
  const endpoint = 'tokenEndpoint: "https://login.example.com/token", clientId: leeway, clientSecretFile: secret'
  const source = sourceWith(`ssl: {caFile: ca.pem}, sasl: {mechanism: oauthbearer, ${endpoint}}`)
  assert.ok(source?.type === 'kafka')
  assert.deepEqual(source.ssl, { caFile: resolve('config/ca.pem'), certFile: undefined, keyFile: undefined })
  assert.deepEqual(source.sasl, {
    mechanism: 'oauthbearer',
    extensions: {},
    tokenEndpoint: 'https://login.example.com/token',
    clientId: 'leeway',
    clientSecretFile: resolve('config/secret'),
    scope: null,
    allow: [],
  })
  for (const [settings, message] of [
    [`sasl: {mechanism: oauthbearer, tokenFile: token, ${endpoint}}`, /give tokenFile, or tokenEndpoint/],
    [
      'sasl: {mechanism: oauthbearer, tokenEndpoint: "http://login.example.com/token", clientId: a, clientSecretFile: b}',
      /https/,
    ],
    [
      'sasl: {mechanism: oauthbearer, tokenEndpoint: "https://10.0.0.7/token", clientId: a, clientSecretFile: b}',
      /sources\.production\.sasl\.tokenEndpoint: 10\.0\.0\.7 is an address of a private network.*network: \{allow: \[10\.0\.0\.7\]\}/,
    ],
    [
      'sasl: {mechanism: oauthbearer, tokenEndpoint: "http://127.0.0.1:8080/token", clientId: a, clientSecretFile: b}',
      /tokenEndpoint: 127\.0\.0\.1 is an address of this machine itself/,
    ],
    [
      'sasl: {mechanism: oauthbearer, tokenEndpoint: "https://127.1/token", clientId: a, clientSecretFile: b}',
      /plainly/,
    ],
    ['ssl: {certFile: cert.pem}', /certFile and keyFile belong together/],
    ['ssl: {insecure: true}', /insecure/],
    ['sasl: {mechanism: scram-sha-256, username: ann, password: hunter2}', /passwordFile/],
  ] as const)
    assert.throws(() => sourceWith(settings), message)
})

test('classes are text however they are written', () => {
  const model = read(withModel('positiveClass: 1.0\nclasses: [0, 1]')).models.get('credit-risk')
  assert.deepEqual([model?.positiveClass, model?.classes], ['1', ['0', '1']])
  assert.equal(read(withModel('positiveClass: true')).models.get('credit-risk')?.positiveClass, 'true')
  const source = read(
    documentText({
      sources: '\n  history: {type: file, path: a.csv, events: {id: i, time: t, probabilities: {0: p_no, 1.0: p_yes}}}',
    }),
  ).sources.get('history')
  assert.ok(source?.type === 'file' && source.events !== 'canonical')
  assert.deepEqual(source.events.probabilities, { 0: 'p_no', 1: 'p_yes' })
})

test('metrics that may alarm are those that are named, or all', () => {
  const watch = (settings: string) => read(withModel(settings)).models.get('credit-risk')?.watch
  assert.deepEqual(watch('performance: {metrics: [f1, roc_auc], alarm: {roc_auc: {drop: 0.03}}}')?.alarms, {
    roc_auc: { drop: 0.03 },
  })
  assert.deepEqual(watch('performance: {metrics: [f1]}')?.alarms, { f1: { drop: 0.05 } })
  assert.deepEqual(watch('performance: {alarm: {recall: {drop: 0.1}}}')?.metrics, [
    'roc_auc',
    'average_precision',
    'accuracy',
    'f1',
    'log_loss',
    'brier',
    'recall',
  ])
})

test('what is said of metrics adds those that it is for, and quantiles have a loss each', () => {
  const watch = (settings: string) => read(withModel(settings)).models.get('credit-risk')?.watch
  const cost = watch('performance: {top: 0.2, cost: {1.0: {0: 50}, 0: {1: 5, 0: -1}}}')
  assert.deepEqual(cost?.metricOptions, {
    top: 3,
    topShare: 0.2,
    quantiles: [],
    cost: { 1: { 0: 50 }, 0: { 1: 5, 0: -1 } },
  })
  assert.ok(cost?.metrics.includes('business_value'))
  assert.deepEqual(cost?.alarms['business_value'], { share: 0.1 })
  const quantiles = watch('task: regression\nperformance: {quantiles: [0.1, 0.9], alarm: {pinball: {rise: 2}}}')
  assert.deepEqual(quantiles?.metrics, ['mae', 'rmse', 'bias', 'pinball_0.1', 'pinball_0.9'])
  assert.deepEqual(quantiles?.alarms, { 'pinball_0.1': { rise: 2 }, 'pinball_0.9': { rise: 2 } })
  assert.equal(watch('task: multiclass\nperformance: {top: 5}')?.metricOptions?.top, 5)
  assert.deepEqual(watch('performance: {metrics: [ece, ece_by_chance]}')?.alarms, { ece: { rise: 0.02 } })
})

/** What is said of a channel that says nothing of it. */
const options = { minSeverity: 'warning', rate: null, fallback: null, dryRun: false }
const grouping = { by: ['model'], above: 5, waitMs: 0, intervalMs: 0 }

test('how fast, how grave and instead of whom a channel is told, and how its messages are gathered', () => {
  const { channels, routes } = read(
    documentText({
      channels: `
  chat: {type: slack, tokenFile: t, channel: "#c", fallback: screen, fallbackAfter: 5m, minSeverity: alarm}
  fast: {type: slack, tokenFile: t, channel: "#d", rate: {every: 200ms, burst: 9}, fallback: screen}
  screen: {type: console, dryRun: true, rate: {every: 1m}}`,
      routes: `
  - {to: [chat], groupBy: all, groupAbove: 0, groupWait: 10s, groupInterval: 5m}
  - {to: [fast], groupBy: [model, kind]}`,
    }),
  )
  const of = (name: string) => channels.get(name)?.options
  assert.deepEqual(of('chat'), {
    minSeverity: 'alarm',
    rate: { everyMs: 1_000, burst: 5 },
    fallback: { channel: 'screen', afterMs: 300_000 },
    dryRun: false,
  })
  assert.deepEqual([of('fast')?.rate, of('fast')?.fallback?.afterMs], [{ everyMs: 200, burst: 9 }, 600_000])
  assert.deepEqual(of('screen'), { ...options, rate: { everyMs: 60_000, burst: 1 }, dryRun: true })
  assert.deepEqual(
    routes.map((route) => route.grouping),
    [
      { by: [], above: 0, waitMs: 10_000, intervalMs: 300_000 },
      { ...grouping, by: ['model', 'kind'] },
    ],
  )
})

test('every channel is read, and no route means that everything goes everywhere', () => {
  const { channels, routes } = read(
    documentText({
      channels: `
  terminal: {type: console}
  mail: {type: email, host: mail.example.org, port: 587, user: leeway, passwordFile: pw, from: a@example.org, to: [b@example.org]}
  open: {type: email, host: localhost, port: 25, secure: true, from: a@example.org, to: [b@example.org]}
  pager: {type: webhook, url: "https://pager.example.org/hook", secretFile: /run/secrets/pager}`,
      routes: null,
    }),
  )
  assert.deepEqual(channels.get('mail'), {
    type: 'email',
    name: 'mail',
    host: 'mail.example.org',
    port: 587,
    secure: false,
    plainText: false,
    login: { user: 'leeway', passwordFile: resolve('config/pw') },
    from: 'a@example.org',
    to: ['b@example.org'],
    charts: 'all',
    options,
  })
  const team = read(
    documentText({
      channels: `
  ml-team: {type: slack, tokenFile: bot, channel: "#a", charts: course, appTokenFile: app, people: {U024BE7LH: {name: ann, role: approver}}}`,
    }),
  ).channels.get('ml-team')
  assert.deepEqual(team?.type === 'slack' ? [team.appTokenFile, team.charts, team.people.get('U024BE7LH')] : [], [
    resolve('config/app'),
    'course',
    { name: 'ann', role: 'approver' },
  ])
  const open = channels.get('open')
  assert.deepEqual(open?.type === 'email' ? [open.login, open.secure] : [], [null, true])
  assert.deepEqual(channels.get('pager'), {
    type: 'webhook',
    name: 'pager',
    url: 'https://pager.example.org/hook',
    secretFile: '/run/secrets/pager',
    options,
  })
  assert.deepEqual(routes.map(waysOf), [['any', 'any', 'any', ['terminal', 'mail', 'open', 'pager'], DAY, null]])
  assert.deepEqual(routes[0]?.grouping, grouping)
})

test('a retraining target is asked on performance and drift unless it says otherwise', () => {
  const document = read(documentText())
  const { model, target, rule } = document.retraining.get('credit-risk') ?? assert.fail()
  assert.deepEqual(
    { model, on: rule.on, name: target.name, where: whereIs(target), auth: 'http' in target && target.http.auth },
    {
      model: 'credit-risk',
      on: ['performance', 'drift'],
      name: 'webhook',
      where: 'https://jobs.example.org',
      auth: { type: 'none' },
    },
  )
  assert.deepEqual([rule.target, rule.approval, rule.cooldownMs], ['webhook', { is: 'none' }, 3_600_000])
})

test('a document may be JSON, and use anchors', () => {
  const { sources } = read(documentText())
  const asJson = JSON.stringify({
    apiVersion: 'leeway/v1',
    sources: {
      history: { type: 'file', path: 'data/scored.csv', events: { id: 'row_id', time: 'scored_at', label: 'outcome' } },
    },
    models: {
      m: { source: 'history', task: 'binary', reference: { first: '7d' }, windows: [{ size: '1h', slide: '5m' }] },
    },
  })
  assert.deepEqual(read(asJson).sources.get('history'), sources.get('history'))
  const anchored = documentText({
    sources: `
  one: {type: file, path: a.csv, events: &columns {id: i, time: t}}
  history: {type: file, path: b.csv, events: *columns}`,
  })
  const history = read(anchored).sources.get('history')
  assert.deepEqual(history?.type === 'file' ? history.events : null, { id: 'i', time: 't' })
})

test('the documents that come with leeway can be used', () => {
  assert.deepEqual([...loadDocument('config/leeway.yaml').models.keys()], ['california'])
  const demo = loadDocument('examples/california/leeway.yaml').models.get('california')
  const standard = loadDocument('config/leeway.yaml').models.get('california')
  assert.deepEqual(demo?.watch, standard?.watch)
  assert.deepEqual(demo?.reference, standard?.reference)
})

test('floors of inputs are the usual ones where the document names none, and never make a preset', () => {
  const watch = (rest: string) =>
    read(
      documentText({
        models: `\n  m: {source: history, task: binary, reference: {first: 1d}, windows: [{size: 1h, slide: 5m}]${rest}}`,
        retraining: null,
      }),
    ).models.get('m')?.watch
  assert.equal(watch('')?.floors, undefined)
  assert.equal(watch(', drift: {floor: 0.1}, volume: {fall: 0.5}')?.floors, undefined)
  const set = watch(
    ', drift: {floor: 0.2, columns: {age: {floor: 0.3}}}, quality: {rise: 0.1, columns: {job: {missing: 0.2, outOfRange: 0.3}}}, volume: {fall: 0.8}',
  )
  assert.equal(set?.presets, undefined)
  const { driftOf, riseOf, ...rest } = set?.floors ?? { driftOf: {}, riseOf: {} }
  assert.deepEqual(
    { ...rest, driftOf: { ...driftOf }, riseOf: { ...riseOf } },
    {
      drift: 0.2,
      driftOf: { age: 0.3 },
      rise: 0.1,
      riseOf: { job: { missing: 0.2, 'out-of-range': 0.3 } },
      fall: 0.8,
    },
  )
  const mixed = watch(', drift: {columns: {age: {method: azure}, job: {floor: 0.2}}}')
  assert.deepEqual(Object.keys(mixed?.presets?.columns ?? {}), ['age'])
  assert.deepEqual({ ...mixed?.floors?.driftOf }, { job: 0.2 })
})

test('concept drift is watched where errors may alarm, and tolerates what the floor of accuracy does', () => {
  const watched = (model: string) =>
    read(documentText({ models: model, retraining: null })).models.get('m')?.watch.conceptDrift
  const m = (rest: string) =>
    `\n  m: {source: history, task: binary, reference: {first: 1d}, windows: [{size: 1h, slide: 5m}], ${rest}}`
  assert.deepEqual(watched(m('')), { detector: 'e-detector', tolerance: 0.01 })
  assert.deepEqual(watched(m('performance: {alarm: {roc_auc: {drop: 0.1}}}')), { detector: 'none' })
  assert.deepEqual(watched(m('performance: {alarm: {accuracy: {drop: 0.05}}}')), {
    detector: 'e-detector',
    tolerance: 0.05,
  })
  assert.deepEqual(
    watched(m('performance: {alarm: {roc_auc: {drop: 0.1}}}, conceptDrift: {detector: adwin, delta: 0.001}')),
    { detector: 'adwin', tolerance: 0.01, delta: 0.001 },
  )
  assert.deepEqual(watched(m('conceptDrift: {detector: page-hinkley, tolerance: 0.02}')), {
    detector: 'page-hinkley',
    tolerance: 0.02,
    delta: 0.005,
    threshold: 50,
  })
  assert.deepEqual(watched(m('conceptDrift: {detector: ddm, drift: 4}')), {
    detector: 'ddm',
    tolerance: 0.01,
    warmStart: 30,
    warning: 2,
    drift: 4,
  })
  assert.deepEqual(watched(m('conceptDrift: {detector: none}')), { detector: 'none' })
})
