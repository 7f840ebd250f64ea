// Strings that came with events, made fit to be shown: no control characters, no reordering tricks, no endless lengths.

/** Control characters, and those that change the direction or hide text. */
const unsafe = /[\p{Cc}\u200b-\u200f\u2028-\u202f\u2060-\u2069\ufeff]/gu

/** One line of visible text of at most `length` characters. */
export function safeLine(text: string, length = 200): string {
  const visible = text.replace(unsafe, ' ')
  return visible.length > length ? `${visible.slice(0, length - 1)}…` : visible
}
