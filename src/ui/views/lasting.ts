// For how long something is to last: a few usual spans, and until tomorrow morning.

import { html } from '../html.ts'

const HOUR = 3_600_000
const spans: ReadonlyArray<readonly [string, string]> = [
  [String(HOUR), '1 hour'],
  [String(4 * HOUR), '4 hours'],
  ['morning', 'until tomorrow, 9:00'],
  [String(24 * HOUR), '1 day'],
  [String(3 * 24 * HOUR), '3 days'],
  [String(7 * 24 * HOUR), '7 days'],
  // Less than the 30 days that there may be: this clock may be ahead of the daemon's.
  [String(28 * 24 * HOUR), '4 weeks'],
]

export function LastingField({ id, label }: { readonly id: string; readonly label: string }) {
  return html`<div class="field"><label for=${id}>${label}</label>
    <select id=${id} name="lasting">${spans.map(([value, word]) => html`<option value=${value} selected=${value === String(4 * HOUR)}>${word}</option>`)}</select>
  </div>`
}

/** When it ends, ISO 8601. @param now epoch ms */
export function untilOf(data: FormData, now: number = Date.now()): string {
  const lasting = String(data.get('lasting'))
  if (lasting !== 'morning') return new Date(now + Number(lasting)).toISOString()
  const morning = new Date(now)
  morning.setDate(morning.getDate() + 1)
  morning.setHours(9, 0, 0, 0)
  return morning.toISOString()
}
