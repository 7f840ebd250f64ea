// The document as people may see it: as it is written, with the names of files that hold secrets, and without anything that could be
// one itself. Secrets have no place in a document, and most that are put there are refused; what is left is kept out here.

import { stringify } from 'yaml'
import { withoutSecrets } from '../secret.ts'
import { looksSecret } from './secret-patterns.ts'

const SHOWN = '<redacted>'
/** Settings whose texts may be secrets by themselves; a name that ends in File says where one is, and is shown. */
const secretNames = /token|passw|secret|credential|apikey|api_key|authorization|^key$|^sha256$/i
/** Their names say nothing of what is in them. */
const opaqueRecords = /^(headers|form)$/i
/** A part of an address that nobody can read is what makes it a secret. */
const PART_LENGTH_MIN = 16

/** Of a value: it may be a secret; it says where secrets are; or neither. */
type Kind = 'secret' | 'place' | 'plain'

/** @param written the document as it was read, before defaults are filled in */
export function redactedText(written: unknown): string {
  const shown = redacted(written, 'plain')
  return withoutSecrets(stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false }))
}

function redacted(value: unknown, kind: Kind): unknown {
  if (typeof value === 'string') return kind === 'secret' && !isPlaceholder(value) ? SHOWN : redactedTextOf(value)
  if (typeof value === 'number') return kind === 'secret' ? SHOWN : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => redacted(one, kind))
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, redacted(one, kindOf(name, kind))]))
}

function kindOf(name: string, within: Kind): Kind {
  if (within === 'secret') return 'secret'
  // `secrets: {NAME: file}` names files, whatever the names are.
  if (within === 'place' || name === 'secrets' || /Files?$/.test(name)) return 'place'
  return opaqueRecords.test(name) || secretNames.test(name) ? 'secret' : 'plain'
}

/** `{{secrets.NAME}}`, and the name of a variable, are where a secret will be. */
function isPlaceholder(text: string): boolean {
  return /^(Bearer )?\{\{[\w.]+\}\}$/.test(text) || /^env:\w+$/.test(text)
}

function redactedTextOf(text: string): string {
  if (looksSecret(text)) return SHOWN
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? redactedUrl(text) : text
}

/** Without login, values of its query, and parts of its path that look like keys. */
function redactedUrl(text: string): string {
  const [address = '', query] = text.split('?', 2)
  const shown = address
    .replace(/^(https?:\/\/)[^/?#]*@/i, `$1${SHOWN}@`)
    .split('/')
    .map((part, i) =>
      i > 2 && part.length >= PART_LENGTH_MIN && /\d/.test(part) && /[a-z]/i.test(part) ? SHOWN : part,
    )
    .join('/')
  if (query === undefined) return shown
  return `${shown}?${query.replace(/=[^&]*/g, `=${SHOWN}`)}`
}
