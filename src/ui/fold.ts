// What is folded away has an address: `?show=deliveries` opens it.

import { withQuery } from './address.ts'
import type { Content } from './html.ts'
import { html } from './html.ts'
import { useSurroundings } from './surroundings.ts'

export interface FoldOptions {
  /** In the address; of several on a page one is named there at a time, and others may be open beside it. */
  readonly name: string
  readonly title: string
  readonly children?: Content
}

export function Fold({ name, title, children }: FoldOptions) {
  const { address, go } = useSurroundings()
  const isShown = address.query['show'] === name
  const toggled = (event: Event) => {
    const { open } = event.currentTarget as HTMLDetailsElement
    if (open !== isShown) go(withQuery(address, { show: open ? name : undefined }), { replace: true })
  }
  return html`<details class="fold" id=${name} open=${isShown} onToggle=${toggled}>
    <summary><h2>${title}</h2></summary>
    ${children}
  </details>`
}
