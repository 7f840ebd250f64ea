// Text of the daemon as a page shows it: times as the reader's clock has them, and incidents as links. Everything else stays text.

import { addressOf } from './address.ts'
import { html } from './html.ts'
import { Link } from './link.ts'
import { Moment } from './moment.ts'

const known = /(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)|(?<=\bincident )([0-9a-f]{16})\b/

export function Worded({ text }: { readonly text: string }) {
  const parts: unknown[] = []
  let rest = text
  for (let found = known.exec(rest); found !== null; found = known.exec(rest)) {
    const [whole, time, incident] = found
    parts.push(rest.slice(0, found.index))
    if (time !== undefined) parts.push(html`<${Moment} at=${time} />`)
    else parts.push(html`<${Link} to=${addressOf(['incidents', incident as string])}>#${whole.slice(0, 8)}</${Link}>`)
    rest = rest.slice(found.index + whole.length)
  }
  return html`<span>${parts}${rest}</span>`
}
