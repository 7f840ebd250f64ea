// A moment as its reader's clock shows it, with UTC for whoever points at it.

import { html } from './html.ts'

const short = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' })
const long = new Intl.DateTimeFormat(undefined, {
  ...{ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
})

/** In the viewer's zone: `Nov 23, 14:05`; with the year where it is not this one. */
export function momentText(iso: string): string {
  const date = new Date(iso)
  const isThisYear = date.getFullYear() === new Date().getFullYear()
  return (isThisYear ? short : long).format(date)
}

/** `2026-11-23 14:05 UTC` */
export function utcText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}

/** `32 min`, `5 h`, `12 d`. */
export function spanText(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (minutes < 60) return `${minutes} min`
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`
  return `${Math.round(minutes / 1440)} d`
}

export function Moment({ at }: { readonly at: string }) {
  return html`<time datetime=${at} title=${utcText(at)}>${momentText(at)}</time>`
}
