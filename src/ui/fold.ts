// What is folded away has an address: `?show=retraining,deliveries` opens two of them.

import { withQuery } from './address.ts'
import type { Content } from './html.ts'
import { html } from './html.ts'
import { useSurroundings } from './surroundings.ts'

export interface FoldOptions {
  /** In the address, beside others that are open. */
  readonly name: string
  readonly title: string
  readonly children?: Content
}

export function Fold({ name, title, children }: FoldOptions) {
  const { address, go } = useSurroundings()
  const shown = namesOf(address.query['show'])
  const isShown = shown.includes(name)
  const toggled = (event: Event) => {
    const { open } = event.currentTarget as HTMLDetailsElement
    if (open !== isShown) go(withQuery(address, { show: showWith(shown, name, open) }), { replace: true })
  }
  return html`<details class="fold" id=${name} open=${isShown} onToggle=${toggled}>
    <summary><h2>${title}</h2></summary>
    ${children}
  </details>`
}

function namesOf(show = ''): string[] {
  return show.split(',').filter((name) => name !== '')
}

/** What the address says when one is opened or closed. Exported for tests. */
export function showWith(shown: readonly string[], name: string, isOpen: boolean): string | undefined {
  const others = shown.filter((one) => one !== name)
  return [...others, ...(isOpen ? [name] : [])].join(',') || undefined
}
