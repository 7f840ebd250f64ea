// The API's description of itself.

const text = (description: string) => ({ schema: { type: 'string' }, description })
const time = (description: string) => ({ schema: { type: 'string', format: 'date-time' }, description })
const limit = {
  limit: { schema: { type: 'integer', minimum: 1, maximum: 10_000, default: 100 }, description: 'How many at most' },
}

type Parameters = Record<string, { schema: object; description: string }>

function get(summary: string, query: Parameters = {}, path: Parameters = {}) {
  const parameters = [
    ...Object.entries(path).map(([name, rest]) => ({ name, in: 'path', required: true, ...rest })),
    ...Object.entries(query).map(([name, rest]) => ({ name, in: 'query', ...rest })),
  ]
  const answer = (description: string) => ({
    description,
    content: { 'application/json': { schema: { type: 'object' } } },
  })
  return {
    get: {
      summary,
      parameters,
      responses: {
        200: answer('What was asked for'),
        400: answer('What is wrong with the request'),
        404: answer('There is no such thing'),
      },
    },
  }
}

export const document = {
  openapi: '3.1.0',
  info: {
    title: 'Leeway',
    version: 'v1',
    description:
      'What leeway knows of the models it watches. Read only. Times are ISO 8601 in UTC; a number that is undefined is null.',
  },
  paths: {
    '/api/v1/models': get('Models under watch, with their references'),
    '/api/v1/models/{model}': get('One model', {}, { model: text('Name of the model') }),
    '/api/v1/windows': get('Evaluated windows, each at its newest revision', {
      model: text('Only this model'),
      version: text('Only this version'),
      window: text('Only this size, such as 1h'),
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
      kind: text('drift, performance, quality or volume'),
    }),
    '/api/v1/incidents': get('Incidents, newest first', {
      model: text('Only this model'),
      kind: text('drift, performance, quality or volume'),
      state: text('pending, firing or resolved'),
      ...limit,
    }),
    '/api/v1/incidents/{id}': get(
      'One incident with its transitions and deliveries',
      {},
      { id: text('Id of the incident') },
    ),
    '/api/v1/deliveries': get('Messages, newest first', limit),
    '/api/v1/triggers': get('Retraining requests, newest first', limit),
    '/api/v1/quarantine': get(
      'Records that could not be used, newest first, with the reason; never their content',
      limit,
    ),
  },
} as const
