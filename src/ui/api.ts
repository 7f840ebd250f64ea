// Questions to the daemon, and deeds.

import type { Session } from './session.ts'

/** The daemon said no, or nothing. Its message is written for people. */
export class ApiError extends Error {
  /** 0: it could not be reached. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface Api {
  /** @param path under `/api/v1/`, with its query @throws ApiError */
  get<T>(path: string, signal?: AbortSignal): Promise<T>
  /** @throws ApiError */
  post<T>(path: string, body: unknown): Promise<T>
  /** An answer that is read as it comes. @throws ApiError */
  stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
}

/** @param root of the daemon, with a slash at its end */
export function createApi(root: URL, session: Session): Api {
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const { token } = session
    const headers = { ...init.headers, ...(token !== null && { authorization: `Bearer ${token}` }) }
    const response = await fetch(new URL(`api/v1/${path}`, root), { ...init, headers, cache: 'no-store' }).catch(
      (error: unknown) => {
        if (init.signal?.aborted === true) throw error
        throw new ApiError(0, `leeway cannot be reached; ${whatNow(init)}`)
      },
    )
    if (response.ok) return response
    if (response.status === 401) session.ask('refused')
    throw new ApiError(response.status, await messageOf(response))
  }
  return {
    get: async <T>(path: string, signal?: AbortSignal) =>
      (await read(await ask(path, signal === undefined ? {} : { signal }), whatNow({}))) as T,
    post: async <T>(path: string, body: unknown) => {
      const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      return (await read(await ask(path, init), whatNow(init))) as T
    },
    stream: async (path, signal) => {
      const { body } = await ask(path, { signal })
      if (body === null) throw new ApiError(0, 'the answer was empty')
      return body
    },
  }
}

/** A question is asked again; a deed is not, and may have been done. */
function whatNow({ method }: RequestInit): string {
  return method === 'POST' ? 'whether it was done is not known: look before you do it again' : 'this page tries again'
}

/** @throws ApiError where something else than the daemon has answered, or the line was cut */
async function read(response: Response, now: string): Promise<unknown> {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(
      0,
      `what answered is not leeway: a proxy that asks you to log in, perhaps, or a line that was cut; ${now}`,
    )
  }
}

async function messageOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => '')
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    if (typeof error?.message === 'string') return error.message
  } catch {
    // A proxy in between answers in its own way.
  }
  return `the daemon, or a proxy before it, answered ${response.status}`
}
