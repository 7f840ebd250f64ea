// What stands where data would: it is being read, there is none, it could not be read.

import { addressOf } from './address.ts'
import type { ApiError } from './api.ts'
import type { Content } from './html.ts'
import { html } from './html.ts'
import { Link } from './link.ts'
import type { Data } from './surroundings.ts'
import { useSurroundingsIfAny } from './surroundings.ts'

export function Loading({ what }: { readonly what: string }) {
  return html`<p class="state loading" role="status">Reading ${what} …</p>`
}

/** Nothing to show: says why, and what to do next. */
export function Empty({ title, children }: { readonly title: string; readonly children?: Content }) {
  return html`<div class="state empty"><p class="state-title">${title}</p>${children}</div>`
}

export function Failed({ error, again }: { readonly error: ApiError; readonly again: () => void }) {
  return html`<div class="state failed" role="alert">
    <p class="state-title">${error.status === 404 ? 'There is no such thing' : 'This could not be read'}</p>
    <p>${error.message}</p>
    <p><button type="button" onClick=${again}>Try again</button>${error.status === 404 && html`<${ToModel} /> <${Link} to="">To all models</${Link}>`}</p>
  </div>`
}

/** On a page of a model that asks for a version, or a window, that it has no more: the way to what it has. */
function ToModel() {
  const address = useSurroundingsIfAny()?.address
  const [first, model] = address?.path ?? []
  if (first !== 'models' || model === undefined || Object.keys(address?.query ?? {}).length === 0) return null
  return html` <${Link} to=${addressOf(['models', model])}>To ${model} as it is now</${Link}>`
}

/** The data, or what stands in its place. */
export function Shown<T>({
  of,
  what,
  children,
}: {
  readonly of: Data<T>
  readonly what: string
  readonly children: (data: T) => Content
}) {
  const { data, error, again } = of
  if (data === undefined && error !== undefined) return html`<${Failed} error=${error} again=${again} />`
  if (data === undefined) return html`<${Loading} what=${what} />`
  return html`<div>${error !== undefined && html`<p class="stale" role="status">${error.message}</p>`}${children(data)}</div>`
}
