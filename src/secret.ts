// What may be used and never shown: tokens, passwords, keys.

const SHOWN = '<redacted>'

/** A shorter secret may be part of ordinary words and numbers: it is kept out by its type alone. */
const LENGTH_MIN = 6

/** Tokens that are renewed every minute must not fill the memory: those that were used last are looked for. */
const KNOWN_MAX = 256

/** Secrets of this process, each with the forms in which it could turn up in a text; those used last come last. */
const known = new Map<string, readonly string[]>()
/** All these forms, longest first. */
let forms: readonly string[] = []

/** Prints as `<redacted>` wherever it is printed. Taken out by `reveal`, at the line that hands it to whom it is for. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    remember(text)
  }

  reveal(): string {
    remember(this.#text)
    return this.#text
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN
  }
}

/**
 * A text of somebody else's (the error of a library, the answer of a server) without the secrets of this process.
 *
 * Catches each also in base64, as logins are sent, in URLs and forms, in JSON and in HTML.
 */
export function withoutSecrets(text: string): string {
  let clean = text
  for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, SHOWN)
  return clean
}

/** The same for all texts inside a value that is about to become JSON. Returns the value itself when there is nothing to hide. */
export function cleaned<T>(value: T): T {
  if (typeof value === 'string') return withoutSecrets(value) as T
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  if (Array.isArray(value)) return value.map(cleaned) as T
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [withoutSecrets(key), cleaned(one)])) as T
}

function remember(text: string): void {
  if (text.length < LENGTH_MIN) return
  const own = known.get(text)
  known.delete(text)
  known.set(text, own ?? formsOf(text))
  if (own !== undefined) return
  const [oldest] = known.keys()
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest)
  forms = [...new Set([...known.values()].flat())].sort((a, b) => b.length - a.length)
}

function formsOf(text: string): string[] {
  const encoded = encodeURIComponent(text.toWellFormed())
  const inForm = new URLSearchParams([['', text]]).toString().slice(1)
  const escaped = JSON.stringify(text).slice(1, -1)
  return [
    text,
    ...[encoded, encoded.replaceAll('%20', '+'), inForm].flatMap((one) => [one, inLowerCase(one)]),
    ...[escaped, escaped.replaceAll('/', '\\/')],
    text.replace(/[&<>"']/g, (sign) => entities[sign] as string),
    ...insideBase64(text),
    // As a login for tokens is sent (RFC 6749, 2.3.1).
    ...(encoded === text ? [] : insideBase64(encoded)),
  ]
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function inLowerCase(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase())
}

/** The letters that base64 makes of a text wherever it stands in what is encoded: there are three places, modulo three. */
function insideBase64(text: string): string[] {
  const bytes = new TextEncoder().encode(text)
  return [0, 1, 2]
    .map((before) => {
      const padded = new Uint8Array(before + bytes.length)
      padded.set(bytes, before)
      const letters = btoa(String.fromCharCode(...padded))
      // Letters that also depend on what stands before or after are left out.
      return letters.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3))
    })
    .flatMap((letters) => [letters, letters.replaceAll('+', '-').replaceAll('/', '_')])
}
