// The API's description of itself.

import { groups } from '../overview/fleet-filter.ts'

const text = (description: string) => ({ schema: { type: 'string' }, description })
const time = (description: string) => ({ schema: { type: 'string', format: 'date-time' }, description })
const limit = {
  limit: { schema: { type: 'integer', minimum: 1, maximum: 10_000, default: 100 }, description: 'How many at most' },
}

type Parameters = Record<string, { schema: object; description: string }>

const answer = (description: string) => ({
  description,
  content: { 'application/json': { schema: { type: 'object' } } },
})
const refusal = (description: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
})
const forEveryRequest = {
  400: refusal('What is wrong with the request'),
  401: refusal('A token is needed, or the token is not known'),
  403: refusal("The token's role does not suffice, no tokens are configured, or the name of the host is not known"),
  429: refusal('Too many requests, or unknown tokens, from one address; retry-after says when to come again'),
  503: refusal('Too many large answers are on their way, or the disk is full'),
}

function get(summary: string, query: Parameters = {}, path: Parameters = {}) {
  const parameters = [
    ...Object.entries(path).map(([name, rest]) => ({ name, in: 'path', required: true, ...rest })),
    ...Object.entries(query).map(([name, rest]) => ({ name, in: 'query', ...rest })),
  ]
  return {
    get: {
      summary,
      parameters,
      // Without a token where reading is open.
      security: [{}, { token: ['viewer'] }],
      responses: { 200: answer('What was asked for'), ...forEveryRequest, 404: refusal('There is no such thing') },
    },
  }
}

function post(
  summary: string,
  role: string,
  responses: Record<number, object>,
  body?: Parameters,
  path: Parameters = {},
) {
  return {
    post: {
      summary: `${summary}. Needs the role ${role}; written to the audit.`,
      parameters: Object.entries(path).map(([name, rest]) => ({ name, in: 'path', required: true, ...rest })),
      security: [{ token: [role] }],
      requestBody: {
        required: false,
        content: { 'application/json': { schema: bodySchema(body) } },
      },
      responses: {
        200: answer('What was done'),
        ...forEveryRequest,
        413: refusal('The body is too large'),
        415: refusal('The body is not JSON'),
        ...responses,
      },
    },
  }
}

const ofRange = {
  version: text('As events name it; left out: the one whose rows came last'),
  window: text('Size of the windows; left out: that of the worst incident, or the first'),
  since: text('How far back from the newest window, such as 7d; left out: some 96 windows'),
  from: time('Windows that end then or later, instead of since'),
  to: time('Windows that end by then'),
}
const second = { 409: refusal('Why not; where somebody was first, who that was') }
const why = { because: text('Why') }
const ofRequest = { id: text('Id of the request') }

function bodySchema(body: Parameters | undefined): object {
  if (body === undefined) return { type: 'object', maxProperties: 0 }
  const properties = Object.entries(body).map(([name, { schema, description }]) => [name, { ...schema, description }])
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false }
}

const deedRefused = { 409: refusal('Why it cannot be done') }

export const document = {
  openapi: '3.1.0',
  info: {
    title: 'Leeway',
    version: 'v1',
    description:
      'What leeway knows of the models it watches, and what can be asked of it. Times are ISO 8601 in UTC; a number that is undefined is null.',
  },
  components: {
    securitySchemes: {
      token: {
        type: 'http',
        scheme: 'bearer',
        description:
          'A token of the file LEEWAY_TOKENS_FILE. Roles: viewer, operator, approver; each may do what the ones before it may.',
      },
    },
    schemas: {
      Error: {
        type: 'object',
        required: ['error'],
        properties: { error: { type: 'object', required: ['message'], properties: { message: { type: 'string' } } } },
      },
    },
  },
  paths: {
    '/api/v1/models': get('Models under watch, with their references'),
    '/api/v1/models/{model}': get('One model', {}, { model: text('Name of the model') }),
    '/api/v1/models/{model}/overview': get(
      'A model version: what is to be said of it in words, its metrics, features and outputs over time, its incidents and retrainings',
      ofRange,
      { model: text('Name of the model') },
    ),
    '/api/v1/models/{model}/features/{feature}': get(
      'A feature, or an output, in one window beside the reference, and how it came to that',
      { ...ofRange, end: time('The newest window that ends by then; left out: the newest of all') },
      { model: text('Name of the model'), feature: text('Name of the feature, or of the output') },
    ),
    '/api/v1/fleet': get(
      'Every model version, those that need somebody first: status in words, volume, drift, performance, labels, incidents',
      {
        window: text('By windows of this size where a model has them; left out: by its smallest'),
        earlier: {
          schema: { type: 'boolean' },
          description: 'Given: versions whose rows another one has now, too; they come last',
        },
        show: {
          schema: { type: 'string', enum: groups },
          description: 'Only those that are counted under one of these names; left out: all',
        },
        search: text('Only those in whose name, version, source or trouble this is, whatever its case'),
        limit: { ...limit.limit, schema: { ...limit.limit.schema, default: 1_000 } },
      },
    ),
    '/api/v1/models/{model}/segments': get(
      'Performance and drift by segment in one window, worst first, with what the model would be without each, and the course of one of them',
      {
        version: text('Left out: the version with the newest window'),
        window: text('Size of the window; left out: the first of the model'),
        metric: text('By which segments are ordered and told; left out: the first of the model'),
        column: text('Which column tells segments apart; left out: the first of the model'),
        segment: text('Such as country=DE: its course is told too'),
        end: time('End of the window; left out: the newest'),
      },
      { model: text('Name of the model') },
    ),
    '/api/v1/live': get(
      'Server-sent events: what has changed, at most once a second. `change` names models, incidents and models with retraining (null: it may be any), and says whether the configuration was reloaded; the stream ends then, and whoever may still read comes again',
    ),
    '/api/v1/models/{model}/backtest': get(
      'Which alarms each rule of a model raised on stored windows, and would have raised with another threshold',
      {
        version: text('Of this version; left out: of the one that was evaluated last'),
        monitor: text('The rule whose threshold is moved, such as performance/roc_auc or drift/income'),
        threshold: {
          schema: { type: 'number', exclusiveMinimum: 0 },
          description: 'From where on a difference matters, in the unit of the rule; left out: as it is',
        },
        window: text('Size of the windows whose course is told'),
        from: time('Windows that end then or later'),
        to: time('Windows that end before'),
      },
      { model: text('Name of the model') },
    ),
    '/api/v1/windows': get('Evaluated windows, each at its newest revision', {
      model: text('Only this model'),
      version: text('Only this version'),
      window: text('Only this size, such as 1h'),
      segment: text('Windows of this segment, such as country=DE; left out: of whole models'),
      from: time('Windows that end then or later'),
      to: time('Windows that end before'),
      order: text('newest (default) or oldest first'),
      ...limit,
    }),
    '/api/v1/verdicts': get('Verdicts of the newest windows', {
      model: text('Only this model'),
      version: text('Only this version'),
      window: text('Only this size'),
      status: text('ok, warning, alarm or insufficient'),
      feature: text('Only this feature'),
      kind: text('drift, performance, estimated, quality or volume'),
    }),
    '/api/v1/incidents': get('Incidents, newest first', {
      model: text('Only this model, and sources that it waits for'),
      kind: text('drift, performance, estimated, quality, volume, no_data or stale_labels'),
      state: text('pending, firing, clearing or resolved'),
      search: text('Only those with this in their model, version, kind, id or features'),
      order: text('newest (default), or urgent: those that fire first'),
      ...limit,
    }),
    '/api/v1/incidents/{id}': get(
      'One incident with its transitions and deliveries, who looks after it, comments, and what people did',
      {},
      { id: text('Id of the incident') },
    ),
    '/api/v1/incidents/{id}/overview': get(
      'One incident as its page shows it: in words, with evidence, likely causes, one time line, and what the caller can do about it',
      {},
      { id: text('Id of the incident') },
    ),
    '/api/v1/deliveries': get('Messages, newest first', limit),
    '/api/v1/triggers': get('Retraining requests in short, the latest event first', limit),
    '/api/v1/retraining': get(
      'Retraining requests with their gates, approval, run and outcome, newest first; and whose automation is stopped',
      { model: text('Only this model'), state: text('Only in this state, such as awaiting approval'), ...limit },
    ),
    '/api/v1/retraining/{id}': get('One retraining request, and all that happened to it', {}, ofRequest),
    '/api/v1/retraining/{id}/approve': post('Says yes to a run', 'approver', second, undefined, ofRequest),
    '/api/v1/retraining/{id}/refuse': post('Says no to a run', 'approver', second, why, ofRequest),
    '/api/v1/retraining/{id}/veto': post(
      'Says no to a run that would begin by itself after a delay',
      'operator',
      second,
      why,
      ofRequest,
    ),
    '/api/v1/retraining/{id}/resolve': post(
      'Says what became of a request of which that is unknown, or of a run that is waited for in vain',
      'approver',
      second,
      {
        found: text('started, not-started, or resend, which begins a second run if the first one did begin'),
        run: text('Id of the run that began, if it is known'),
      },
      ofRequest,
    ),
    '/api/v1/models/{model}/retraining': post(
      'Asks for a run of a model',
      'operator',
      second,
      { because: text('Why'), incident: text('The incident that it is about') },
      { model: text('Name of the model') },
    ),
    '/api/v1/models/{model}/automation/stop': post(
      'No run of the model begins any more, but those that people ask for',
      'operator',
      second,
      why,
      { model: text('Name of the model') },
    ),
    '/api/v1/models/{model}/automation/resume': post(
      'Runs of the model begin by themselves again',
      'operator',
      second,
      undefined,
      {
        model: text('Name of the model'),
      },
    ),
    '/api/v1/quarantine': get(
      'Records that could not be used, and ranges of records that were lost, newest first, with the reason; never their content',
      limit,
    ),
    '/api/v1/quarantine/{number}/sample': {
      get: {
        ...get(
          'What a quarantined record holds, at most its first 4 KiB. Needs the role operator; written to the audit.',
          {},
          {
            number: text('Its number in /api/v1/quarantine'),
          },
        ).get,
        security: [{ token: ['operator'] }],
      },
    },
    '/api/v1/system': get(
      'How the daemon itself is: sources with lag and watermark, records that could not be used, the join, the outbox and its channels, the store, memory, durations, checks, and the configuration without what could be a secret',
    ),
    '/api/v1/configuration': get('Which configuration is in force, and what came of the newest reload'),
    '/api/v1/audit': get('Who changed what, newest first; rows are only ever added', {
      from: time('Rows from then on'),
      to: time('Rows before'),
      after: {
        schema: { type: 'integer', minimum: 0 },
        description: 'Rows behind the one of this number, oldest first: to take all of them, page by page',
      },
      format: text('json (default), ndjson or csv'),
      ...limit,
    }),
    '/api/v1/silences': {
      ...get('Silences that have not ended, or within 30 days', { phase: text('waiting, active or ended') }),
      ...post('Tells nobody, for a while, of incidents of some kind', 'operator', deedRefused, {
        matchers: {
          schema: { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } },
          description: 'model, version, kind, severity, feature; * stands for any letters, ? for one',
        },
        start: time('Left out: now'),
        end: time('When it ends by itself'),
        reason: text('Why'),
      }),
    },
    '/api/v1/silences/{id}/end': post('Ends a silence before its time', 'operator', deedRefused),
    '/api/v1/maintenance': get(
      'Times in which nobody is told, of the configuration: what goes on now, and what is next',
    ),
    '/api/v1/incidents/{id}/acknowledge': post(
      'Somebody looks after the incident: no more reminders, and nobody else is called in',
      'operator',
      deedRefused,
    ),
    '/api/v1/incidents/{id}/unacknowledge': post('Nobody looks after the incident any more', 'operator', deedRefused),
    '/api/v1/incidents/{id}/assign': post('Says whose the incident is', 'operator', deedRefused, {
      to: { schema: { type: ['string', 'null'] }, description: 'Whose; null: nobody any more' },
    }),
    '/api/v1/incidents/{id}/snooze': post('Tells nobody of the incident for a while', 'operator', deedRefused, {
      until: time('When it is told again, if it still fires'),
    }),
    '/api/v1/incidents/{id}/comments': post('Adds a comment', 'operator', deedRefused, { text: text('The comment') }),
    '/api/v1/me': get('Whose token the request carries, with its role; null without one'),
    '/api/v1/openapi.json': get('This description'),
    '/api/v1/references': get(
      'What each model version is compared with, and the references that were made of production, newest first',
    ),
    '/api/v1/models/{model}/references': get(
      'What a model is compared with, and was: each reference with its rows, its performance, since when it is in force, by whom and why',
      {},
      { model: text('Name of the model') },
    ),
    '/api/v1/models/{model}/references/comparison': get(
      'Two references of a model: how far each column lies apart, and performance side by side',
      {
        first: text('Id of one; left out: of the one before the newest'),
        second: text('Id of the other; left out: of the newest'),
      },
      { model: text('Name of the model') },
    ),
    '/api/v1/references/{id}': get(
      'A reference that was made of production, as a profile for reference: {profile: …}',
      {},
      { id: text('Id of the reference') },
    ),
    '/api/v1/incidents/{id}/accept': post(
      'Accepts what the model does now as the new normal: it is what the model is compared with from here on, and incidents that were held against the reference before end',
      'approver',
      { 409: refusal('Why it cannot be done, or not yet') },
      { note: text('Why'), from: time('Rows from then on count; left out: since the incident began') },
    ),
    '/api/v1/references/promote': post(
      'Gives a model version a reference of its own, made of its production',
      'approver',
      { 409: refusal('Why it cannot be done, or not yet') },
      {
        model: text('Name of the model'),
        version: text('As events name it; left out where they name none'),
        from: time('Rows from then on count'),
        to: time('Rows before count'),
        note: text('Why'),
      },
    ),
    '/api/v1/references/revert': post(
      'Takes the newest reference that was made of production out of force: the one before is back',
      'approver',
      { 409: refusal('Why it cannot be done: such as another one that is in force by now') },
      {
        model: text('Name of the model'),
        version: text('Of this version; left out: of all without a reference of their own'),
        id: text('Id of the reference that is to be taken back'),
        note: text('Why'),
      },
    ),
    '/api/v1/reload': post(
      'Reads the configuration, secrets and tokens again, and puts them into force whole or not at all',
      'operator',
      { 422: refusal('What is wrong with the configuration, with file, line and path; the one before stays in force') },
    ),
  },
} as const
