// The API's description of itself, as a page to read: docs/api.md.

import { document } from './openapi.ts'

interface Described {
  readonly description: string
  readonly schema?: { readonly enum?: readonly string[]; readonly default?: number }
}

interface Operation {
  readonly summary: string
  readonly parameters: ReadonlyArray<Described & { readonly name: string; readonly in: string }>
  readonly security: ReadonlyArray<{ readonly token?: readonly string[] }>
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': { readonly schema: { readonly properties?: Readonly<Record<string, Described>> } }
    }
  }
}

/** Titles of sections, and what their paths begin with behind `/api/v1/`. A path stands in the first that it fits. */
const sections: ReadonlyArray<readonly [title: string, begins: RegExp]> = [
  ['Retraining', /^(retraining|triggers|models\/\{model\}\/(retraining|automation))/],
  ['References', /^(references|models\/\{model\}\/references|incidents\/\{id\}\/accept)/],
  ['Models and windows', /^(fleet|models|windows|verdicts)/],
  ['Incidents and messages', /^(incidents|silences|maintenance|deliveries)/],
  ['The daemon', /^(system|live|quarantine|configuration|reload|audit|me|openapi\.json)/],
]

const beginning = `# The API

Over HTTP, on the port of the UI (\`127.0.0.1:9464\`): everything that the UI and the commands show and do. Written from the daemon's own description by \`npm run schema\`; the same for programs, as OpenAPI 3.1: \`GET /api/v1/openapi.json\`.

\`\`\`
curl 'http://127.0.0.1:9464/api/v1/incidents?state=firing&order=urgent'
curl -X POST -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"until": "2026-12-01T08:00:00Z"}' http://127.0.0.1:9464/api/v1/incidents/ID/snooze
\`\`\`

- **Who**: reading needs a token (of any role) where [the settings say so](configuration.md#who-may-reach-what); whatever names a role needs a token of that role, or of a higher one, and is written to the audit.
- **Times** are ISO 8601 in UTC; a number that is undefined is \`null\`, never 0. Names in paths are encoded as in every address (\`credit%20risk\`).
- **Errors** are \`{"error": {"message": …}}\`: 400 what is wrong with the request, 401 and 403 who may, 404 there is none, 409 why not (and who was first), 429 and 503 come again later (\`retry-after\`).
- **Lists** are newest first where nothing else is said; \`limit\` may be 10,000 at most.
- Beside it: \`/metrics\` ([metrics](metrics.md)), \`/healthz\`, \`/readyz\` (\`?verbose\`: each check with its reason), \`/ui/\`.
`

/** What may be said, and what is meant where nothing is. */
function described({ description, schema = {} }: Described): string {
  const said = [...(schema.enum ?? []), ...(schema.default === undefined ? [] : [`default ${schema.default}`])]
  return said.length === 0 ? description : `${description} (${said.join(', ')})`
}

/** A bar would end the cell. */
const cell = (text: string) => text.replaceAll('|', '\\|')

function row(method: string, path: string, { summary, parameters, security, requestBody }: Operation): string {
  const [role] = security.at(-1)?.token ?? []
  const inBody = Object.entries(requestBody?.content['application/json'].schema.properties ?? {})
  const given = [
    ...parameters.filter((one) => one.in === 'query').map((one) => [one.name, one] as const),
    ...inBody,
  ].map(([name, one]) => `\`${name}\`: ${described(one)}`)
  const said = summary.replace(/\.? Needs the role .*$/, '')
  return `| \`${method} ${path}\` | ${cell(said)} | ${cell(given.join('<br>'))} | ${role === 'viewer' ? '' : role} |`
}

/** @throws Error when a path of the description belongs to no section */
export function apiPage(): string {
  const rows = new Map(sections.map(([title]) => [title, [] as string[]]))
  for (const [path, methods] of Object.entries(document.paths)) {
    const section = sections.find(([, begins]) => begins.test(path.replace('/api/v1/', '')))
    if (section === undefined) throw new Error(`${path} belongs to no section of docs/api.md; name one in api-page.ts`)
    for (const [method, operation] of Object.entries(methods))
      rows.get(section[0])?.push(row(method.toUpperCase(), path, operation as Operation))
  }
  const order = ['Models and windows', 'Incidents and messages', 'Retraining', 'References', 'The daemon']
  const tables = order.map(
    (title) => `## ${title}
| request | what it gives, or does | may be given | role |
|---|---|---|---|
${rows.get(title)?.join('\n')}
`,
  )
  return [beginning, ...tables].join('\n')
}
