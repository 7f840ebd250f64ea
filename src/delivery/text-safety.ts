// Strings that came with events, made fit for where they are shown: one function for each medium, used by everything that shows.
//
// What came with an event is text and nothing else: no line, column, header, link, mention, element, escape sequence or series of
// its own, no letters that change places or cannot be seen, no endless length.

/** Control characters, and those that change the direction, hide text or are half of one. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu

/** The same, for text that has lines of its own. */
const invisibleInLines = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu

/** One line of visible text of at most `length` characters: for terminals, plain text, and headers of messages. */
export function safeLine(text: string, length = 200): string {
  const visible = text.slice(0, 4 * length).replace(invisible, ' ')
  if (visible.length <= length && text.length <= 4 * length) return visible
  return `${visible.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/** Several lines of ours for a terminal, in which names that came with events may be left: no escape sequence, no trick. */
export function terminalText(text: string): string {
  return text.replace(invisibleInLines, ' ')
}

const slackEntities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** One line for Slack. Its own three characters are escaped: without them nothing is a link, a mention or a command. */
export function slackText(text: string, length = 200): string {
  let escaped = ''
  for (const character of safeLine(text, length)) {
    const piece = slackEntities[character] ?? character
    if (escaped.length + piece.length > length) return escaped
    escaped += piece
  }
  return escaped
}

const htmlEntities: Readonly<Record<string, string>> = { ...slackEntities, '"': '&quot;', "'": '&#39;' }

/** One line as text of an HTML page, or as the value of an attribute in quotes. */
export function htmlText(text: string, length = 200): string {
  return safeLine(text, length).replace(/[&<>"']/g, (character) => htmlEntities[character] as string)
}

/**
 * The value of a Prometheus label: what cannot be seen is shown by its number, so that two names that differ stay two series.
 * Quotes, backslashes and line breaks are escaped by what writes the page.
 */
export function labelValue(text: string): string {
  // A page has a hundred thousand values, and nearly all are plain.
  if (/^[ -~]*$/.test(text)) return text
  return text.replace(invisible, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** What JSON leaves as it is and a terminal obeys or hides: C1 control characters, direction marks, line separators. */
const unescapedByJson =
  /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g

/** JSON on one line that can also be looked at on a terminal. Means the same as what JSON.stringify writes. */
export function jsonLine(value: unknown): string {
  return escapeJson(JSON.stringify(value))
}

/** The same for text that is JSON already. */
export function escapeJson(json: string): string {
  return json.replace(unescapedByJson, (found) =>
    [...Array(found.length).keys()].map((i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  )
}
