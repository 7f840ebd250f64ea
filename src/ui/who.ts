// Whose token the page asks with, and how to ask with another.

import type { Change } from './changes.ts'
import { html } from './html.ts'
import { useData, useSurroundings } from './surroundings.ts'

export interface Me {
  readonly name: string | null
  readonly role: 'viewer' | 'operator' | 'approver' | null
  readonly mayRead: boolean
  /** Without any configured, nothing can be changed over HTTP. */
  readonly hasTokens: boolean
}

/** undefined until it is known. */
export function useMe(): Me | undefined {
  return useData<Me>('me', anything).data
}

/** Roles and tokens may have changed with the configuration, or while the daemon was away. */
const anything = ({ models }: Change) => models === undefined

/** In the bar at the top. */
export function Who() {
  const { session } = useSurroundings()
  const me = useMe()
  if (me === undefined || !me.hasTokens) return null
  if (me.name === null)
    return html`<button type="button" class="small" onClick=${() => session.ask()}>Enter a token</button>`
  return html`<span class="who"><span class="muted">${me.name}, ${me.role}</span> <button type="button" class="small" onClick=${() => session.use(null)}>Sign out</button></span>`
}
