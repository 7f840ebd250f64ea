// Something is done by a press of a button: what came of it is told where screen readers hear it, and what went wrong stands beside
// the button, with what to do.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Api } from './api.ts'
import { ApiError } from './api.ts'
import { html } from './html.ts'
import { isSecondOfTwo, letNoHeldKeyPress } from './press.ts'
import { useSurroundings } from './surroundings.ts'

export interface Doing {
  /** What was done last, in the words of the daemon; '' before anything was. */
  readonly outcome: string
  /** @param path as the API names it: `api/v1/incidents/…` @throws ApiError */
  do(path: string, body?: object): Promise<void>
}

/** @param done reads anew what has changed */
export function useDeeds(done: () => void): Doing {
  const { api } = useSurroundings()
  const [outcome, setOutcome] = useState('')
  return {
    outcome,
    async do(path, body = {}) {
      setOutcome('')
      try {
        setOutcome(await post(api, path, body))
      } finally {
        // Whoever was first has changed what is shown.
        done()
      }
    },
  }
}

async function post(api: Api, path: string, body: object): Promise<string> {
  const { detail = 'Done' } = await api.post<{ detail?: string }>(path.replace(/^api\/v1\//, ''), body)
  return `${detail.slice(0, 1).toUpperCase()}${detail.slice(1)}.`
}

/** Hears the focus when the button that was pressed is no longer there. */
export function Outcome({ of }: { readonly of: string }) {
  const line = useRef<HTMLParagraphElement>(null)
  const heard = useRef('')
  // The button goes when what it changed is read anew, a moment after the outcome has come.
  useEffect(() => {
    if (of === '') heard.current = ''
    const isLost = document.activeElement === null || document.activeElement === document.body
    if (heard.current === of || !isLost) return
    heard.current = of
    line.current?.focus({ preventScroll: true })
  })
  return html`<p class=${of === '' ? 'unseen' : 'outcome'} role="status" tabindex="-1" ref=${line}>${of !== '' && html`<span aria-hidden="true">✓ </span>`}${of}</p>`
}

export interface PressOptions {
  readonly label: string
  readonly kind?: 'primary' | 'plain'
  /** Id of what says what it will do. */
  readonly describedBy?: string
  readonly act: () => Promise<void>
}

/** A button that does something at once. */
export function Press({ label, kind = 'plain', describedBy, act }: PressOptions) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const press = async (event: MouseEvent) => {
    if (isBusy || isSecondOfTwo(event)) return
    setBusy(true)
    setError('')
    try {
      await act()
    } catch (thrown) {
      setError(thrown instanceof ApiError ? thrown.message : String(thrown))
    } finally {
      setBusy(false)
    }
  }
  return html`<span class="ask">
    <button type="button" class=${kind} aria-busy=${isBusy} aria-describedby=${describedBy} onClick=${press} onKeyDown=${letNoHeldKeyPress}>${isBusy ? 'One moment …' : label}</button>
    ${error !== '' && html`<span class="error" role="alert"> ${error}</span>`}
  </span>`
}
