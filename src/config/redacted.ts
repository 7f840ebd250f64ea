// The document as people may see it: as it is written, with the names of files that hold secrets, and without anything that could be
// one itself. Secrets have no place in a document, and most that are put there are refused; what is left is kept out here.
//
// Where secrets can be is known by where a setting stands: names of models, columns and channels are anybody's, and say nothing.

import { stringify } from 'yaml'
import { withoutSecrets } from '../secret.ts'
import { looksSecret } from './secret-patterns.ts'

const SHOWN = '<redacted>'
/** Settings whose texts may be secrets by themselves. */
const secretNames =
  /token|passw|passphrase|secret|credential|authorization|signature|key$|pass$|pwd$|^(sig|code|sha256)$/i
/** Their names say nothing of what is in them. */
const opaqueRecords = /^(headers|form|query)$/
/** What others defined: a name that ends in File is no setting there. */
const foreignRecords = /^(json|parameters)$/
/** An address, or a part of one. */
const addresses = /^(path|link|url|urls|text)$/
/** A part of an address that nobody can read is what makes it a secret. */
const PART_LENGTH_MIN = 16

/**
 * Of a value: it may be a secret; it says where secrets are; it belongs to settings of a connection, some of which hold secrets; it
 * belongs to what others defined; its names are people's; or it is an address.
 */
type Kind = 'secret' | 'place' | 'settings' | 'foreign' | 'plain' | 'address'

/** Where connections are described; each section is a record by names that people chose. */
const sections: ReadonlySet<string> = new Set(['sources', 'channels', 'retraining'])
/** Settings of connections that hold names which people chose. */
const ownNames: Readonly<Record<string, ReadonlySet<string>>> = {
  // The path of a source is a file's, no address.
  sources: new Set(['events', 'topics', 'path']),
  channels: new Set(['people', 'to']),
}

/** @param written the document as it was read, before defaults are filled in */
export function redactedText(written: unknown): string {
  const shown = mapped(written, (section, value) =>
    sections.has(section) ? mapped(value, (_, one) => redactedConnection(section, one)) : redacted(value, 'plain'),
  )
  return withoutSecrets(stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false }))
}

/** A source, a channel or a target. */
function redactedConnection(section: string, connection: unknown): unknown {
  return mapped(connection, (name, value) => {
    if (ownNames[section]?.has(name)) return redacted(value, 'plain')
    // `secrets: {NAME: file}` names files, whatever the names are.
    if (section === 'retraining' && name === 'secrets')
      return mapped(value, (_, one) => redacted(one, typeof one === 'string' ? 'place' : 'secret'))
    return redacted(value, kindOf(name, value, 'settings'))
  })
}

/** A record with each value shown as it may be; anything else as what stands in no place that is known. */
function mapped(value: unknown, show: (name: string, one: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return redacted(value, 'settings')
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [shownName(name, 'plain'), show(name, one)]))
}

function redacted(value: unknown, kind: Kind): unknown {
  if (typeof value === 'string') return redactedTextOf(value, kind)
  if (typeof value === 'number') return kind === 'secret' ? SHOWN : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => redacted(one, kind))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [shownName(name, kind), redacted(one, kindOf(name, one, kind))]),
  )
}

function kindOf(name: string, value: unknown, within: Kind): Kind {
  if (within === 'secret' || within === 'plain') return within
  if (within !== 'foreign') {
    if (typeof value === 'string' && /[a-z]Files?$/.test(name)) return 'place'
    if (foreignRecords.test(name)) return 'foreign'
    if (addresses.test(name)) return 'address'
  }
  if (opaqueRecords.test(name) || secretNames.test(name)) return 'secret'
  return within === 'foreign' ? 'foreign' : 'settings'
}

/** A name that is a secret itself: `query: {<key>: ""}`. */
function shownName(name: string, within: Kind): string {
  return looksSecret(name) || (within === 'secret' && isUnreadable(name)) ? SHOWN : name
}

/** `{{secrets.NAME}}`, and the name of a variable, are where a secret will be. */
function isPlaceholder(text: string): boolean {
  return /^(Bearer )?\{\{[\w.]+\}\}$/.test(text) || /^env:\w+$/.test(text)
}

function redactedTextOf(text: string, kind: Kind): string {
  if (kind === 'secret' && !isPlaceholder(text)) return SHOWN
  if (looksSecret(text)) return SHOWN
  return kind === 'address' || /^https?:\/\//i.test(text) ? redactedAddress(text) : text
}

/** Without login, its query's values, its fragment, and parts of its path that look like keys. */
function redactedAddress(text: string): string {
  const [, address = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? []
  const shown = address
    .replace(/^(https?:\/\/)[^/]*@/i, `$1${SHOWN}@`)
    .split('/')
    // The host is no key; where there is none, all is path.
    .map((part, i, { length }) => (/^https?:\/\//i.test(text) && i === 2 && length > 2 ? part : redactedPart(part)))
    .join('/')
  const values = query?.split('&').map((one) => (one.includes('=') ? one.replace(/=.*$/s, `=${SHOWN}`) : SHOWN))
  return `${shown}${values === undefined ? '' : `?${values.join('&')}`}${fragment === undefined ? '' : `#${SHOWN}`}`
}

function redactedPart(part: string): string {
  return isUnreadable(part.replace(/\{\{[^}]*\}\}/g, '')) ? SHOWN : part
}

function isUnreadable(part: string): boolean {
  return part.length >= PART_LENGTH_MIN && /\d/.test(part) && /[a-z]/i.test(part)
}
