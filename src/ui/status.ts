// A status: its sign, its colour and its word, never one of them alone.

import { html } from './html.ts'

export type StatusName = 'ok' | 'warning' | 'alarm' | 'insufficient'

export const statusSigns: Readonly<Record<StatusName, string>> = {
  ok: '✓',
  warning: '◆',
  alarm: '▲',
  insufficient: '?',
}

export interface StatusOptions {
  readonly of: StatusName
  /** Instead of the status's own word: `firing 32 min`. */
  readonly word?: string
  /** The noise that it was judged by is not learnt yet. */
  readonly isUncalibrated?: boolean
}

export function Status({
  of,
  word = of === 'insufficient' ? 'too few rows' : of,
  isUncalibrated = false,
}: StatusOptions) {
  return html`<span class="status ${of}"><span class="sign" aria-hidden="true">${statusSigns[of]}</span> ${word}${
    isUncalibrated &&
    html`<span class="tilde" title="the noise of this model is not learnt yet: a cautious default is used">
        <span aria-hidden="true"> ~</span><span class="unseen">, noise not learnt yet</span>
      </span>`
  }</span>`
}
