// Paths to handlers.

import type { z } from 'zod'
import type { Effect } from './audited.ts'
import type { Principal, Role } from './role.ts'

export interface Request {
  /** As it was asked for, such as `/ui/models/`. */
  readonly path: string
  /** Values of the path's {parameters}. */
  readonly parameters: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** Whether the caller may read everything, or sees only what probes see. */
  readonly mayRead: boolean
  /** Whose token came with it; null when none did. */
  readonly by: Principal | null
  /** Whoever asked has gone: the answer is not waited for. */
  readonly gone?: AbortSignal
}

export type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>> } & (
  | { readonly json: unknown }
  | { readonly type: string; readonly body: string }
  | { readonly type: string; readonly follow: Follow }
)

/** Begins an answer that goes on until either side ends it. @returns told when the reader has gone */
export type Follow = (reader: Reader) => () => void

export interface Reader {
  /** Whoever does not take it in time is cut off. */
  write(text: string): void
  end(): void
}

export type StreamAnswer = Extract<Answer, { readonly follow: Follow }>

/** How a query parameter is written; for the checks and for the API's own description. */
export type QueryForm = 'text' | 'time' | 'count' | 'flag'

/** Something to read. */
export interface ReadRoute {
  readonly method: 'GET'
  /** Such as `/api/v1/incidents/{id}`; `{rest...}` at its end stands for any number of parts. */
  readonly path: string
  /** `any`: it is not looked at. */
  readonly query: Readonly<Record<string, QueryForm>> | 'any'
  /** Probes, and what holds no data, are open to all; the rest is read with a token where the settings say so. */
  readonly needs: 'open' | 'probe' | 'metrics' | 'read'
  handle(request: Request): Answer | Promise<Answer>
}

export interface ActionRequest {
  readonly parameters: Readonly<Record<string, string>>
  /** What the body's schema made of it. */
  readonly body: unknown
  readonly by: Principal
  /** Joins the rows of the audit that belong to it. */
  readonly request: string
  /** Address it came from. */
  readonly remote: string
  readonly via: 'api' | 'cli' | 'ui'
}

/** Something that changes something: only with a token whose role suffices, and never without a trace in the audit. */
export interface ActionRoute {
  readonly method: 'POST'
  readonly path: string
  readonly needs: Role
  /** Its name in the audit. */
  readonly action: string
  readonly body: z.ZodType
  /** What it is about, for the audit. */
  target(request: Pick<ActionRequest, 'parameters'>): string
  act(request: ActionRequest): (Effect & { readonly answer: Answer }) | Promise<Effect & { readonly answer: Answer }>
}

/** Something to read that not all who read may see: only with a token whose role suffices, and never without a trace in the audit. */
export interface AuditedReadRoute {
  readonly method: 'GET'
  readonly path: string
  readonly query: Readonly<Record<string, QueryForm>>
  readonly needs: Role
  /** Its name in the audit. */
  readonly action: string
  /** What it is about, for the audit. */
  target(request: Pick<Request, 'parameters'>): string
  handle(request: Request): Answer | Promise<Answer>
}

export type Route = ReadRoute | AuditedReadRoute | ActionRoute

/** An answer that says what was wrong with the request. */
export class HttpError extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

export interface Found<R extends Route = Route> {
  readonly route: R
  readonly parameters: Readonly<Record<string, string>>
}

/** The routes of a path, by method. @throws HttpError 404 */
export function findRoutes(routes: readonly Route[], path: string): ReadonlyMap<Route['method'], Found> {
  const wanted = path.replace(/(.)\/$/, '$1').split('/')
  const found = new Map<Route['method'], Found>()
  for (const route of routes) {
    const parameters = match(route.path.split('/'), wanted)
    if (parameters !== undefined && !found.has(route.method)) found.set(route.method, { route, parameters })
  }
  if (found.size > 0) return found
  const all = [...new Set(routes.map((route) => route.path))]
  throw new HttpError(404, `there is nothing at ${path.slice(0, 100)}; there is: ${all.join(', ')}`)
}

/** What may be done with a path, for the header `allow`. */
export function methodsOf(found: ReadonlyMap<Route['method'], Found>): string {
  return [...[...found.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])), 'OPTIONS'].join(
    ', ',
  )
}

function match(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (pattern.at(-1)?.endsWith('...}')) return match(pattern.slice(0, -1), path.slice(0, pattern.length - 1))
  if (pattern.length !== path.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [i, part] of pattern.entries()) {
    const found = path[i] as string
    if (part.startsWith('{')) {
      try {
        parameters[part.slice(1, -1)] = decodeURIComponent(found)
      } catch {
        throw new HttpError(400, `${found.slice(0, 100)} in the path is not well encoded`)
      }
    } else if (part !== found) return undefined
  }
  return parameters
}
