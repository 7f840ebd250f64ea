// Paths to handlers.

export interface Request {
  /** Values of the path's {parameters}. */
  readonly parameters: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
}

export type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>> } & (
  | { readonly json: unknown }
  | { readonly type: string; readonly body: string }
)

/** How a query parameter is written; for the checks and for the API's own description. */
export type QueryForm = 'text' | 'time' | 'count' | 'flag'

export interface Route {
  /** Such as `/api/v1/incidents/{id}`. */
  readonly path: string
  readonly query: Readonly<Record<string, QueryForm>>
  handle(request: Request): Answer | Promise<Answer>
}

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

export function findRoute(
  routes: readonly Route[],
  path: string,
): { route: Route; parameters: Record<string, string> } {
  const wanted = path.replace(/(.)\/$/, '$1').split('/')
  for (const route of routes) {
    const parameters = match(route.path.split('/'), wanted)
    if (parameters !== undefined) return { route, parameters }
  }
  throw new HttpError(404, `there is nothing at ${path}; there is: ${routes.map((route) => route.path).join(', ')}`)
}

function match(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [i, part] of pattern.entries()) {
    const found = path[i] as string
    if (part.startsWith('{')) {
      try {
        parameters[part.slice(1, -1)] = decodeURIComponent(found)
      } catch {
        throw new HttpError(400, `${found} in the path is not well encoded`)
      }
    } else if (part !== found) return undefined
  }
  return parameters
}
