// A link within the UI: the browser shows and copies its address, and a plain click goes there without loading the page again.

import type { Content } from './html.ts'
import { html } from './html.ts'
import { useSurroundingsIfAny } from './surroundings.ts'

export interface LinkOptions {
  /** Address within the UI: `models/credit-risk?window=1h`. */
  readonly to: string
  readonly children?: Content
  readonly class?: string
  /** Marks the link to where one is. */
  readonly current?: boolean
  readonly label?: string
  /** −1: another key leads to it. */
  readonly tabindex?: 0 | -1
}

export function Link({ to, children, class: name, current = false, label, tabindex }: LinkOptions) {
  const surroundings = useSurroundingsIfAny()
  if (surroundings === null) return html`<span class=${name}>${children}</span>`
  const { href, go } = surroundings
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
  return html`<a href=${href(to)} class=${name} aria-current=${current ? 'page' : undefined} aria-label=${label} tabindex=${tabindex} onClick=${follow}>${children}</a>`
}
