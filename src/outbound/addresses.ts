// Which addresses a request may go to: public ones, and what the configuration lists under `network.allow`.

import { isIP } from 'node:net'

/** `special`: no address of one machine elsewhere: link-local, multicast, unspecified, reserved, for documentation. */
export type AddressKind = 'public' | 'loopback' | 'private' | 'metadata' | 'special'

/** An entry of `network.allow`. */
export interface AllowRule {
  /** Whether it is a name; else it is an address or a range. */
  readonly isName: boolean
  coversName(host: string): boolean
  coversAddress(address: string): boolean
}

type Range = readonly [bytes: readonly number[], bits: number]

/**
 * Services of clouds that hand the credentials of the machine to whoever asks. They lie among link-local, private and even public
 * addresses.
 */
const metadataServices = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
])

const ranges4: ReadonlyArray<readonly [cidr: string, kind: AddressKind]> = [
  ['127.0.0.0/8', 'loopback'],
  ['10.0.0.0/8', 'private'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['100.64.0.0/10', 'private'], // shared by the customers of a provider
  ['0.0.0.0/8', 'special'],
  ['169.254.0.0/16', 'special'],
  ['192.0.0.0/24', 'special'],
  ['192.0.2.0/24', 'special'],
  ['192.88.99.0/24', 'special'],
  ['198.18.0.0/15', 'special'],
  ['198.51.100.0/24', 'special'],
  ['203.0.113.0/24', 'special'],
  ['224.0.0.0/4', 'special'],
  ['240.0.0.0/4', 'special'],
]

/** What is not in here and not in 2000::/3 is special too. */
const ranges6: ReadonlyArray<readonly [cidr: string, kind: AddressKind]> = [
  ['::1/128', 'loopback'],
  ['fc00::/7', 'private'],
  ['2001::/23', 'special'],
  ['2001:db8::/32', 'special'],
  ['3fff::/20', 'special'],
  ['2000::/3', 'public'],
]

/** Prefixes after which the last 32 bits are an IPv4 address that is meant. */
const embedding: ReadonlyArray<readonly [cidr: string, from: number]> = [
  ['::ffff:0:0/96', 12], // mapped
  ['64:ff9b::/96', 12], // NAT64
  ['2002::/16', 2], // 6to4
]

/** What an IP address belongs to. Everything that is not plainly public is something else. */
export function kindOfAddress(address: string): AddressKind {
  const bytes = bytesOf(address)
  if (bytes === undefined) return 'special'
  if ([...metadataServices].some((service) => isSame(bytes, bytesOf(service)))) return 'metadata'
  if (bytes.length === 4) return ranges4.find(([cidr]) => isWithin(bytes, rangeOf(cidr)))?.[1] ?? 'public'
  const embedded = embedding.find(([cidr]) => isWithin(bytes, rangeOf(cidr)))
  if (embedded !== undefined) return kindOfAddress(bytes.slice(embedded[1], embedded[1] + 4).join('.'))
  return ranges6.find(([cidr]) => isWithin(bytes, rangeOf(cidr)))?.[1] ?? 'special'
}

/** `a private address`, for errors. */
export function describeKind(kind: AddressKind): string {
  switch (kind) {
    case 'public':
      return 'a public address'
    case 'loopback':
      return 'an address of this machine itself'
    case 'private':
      return 'an address of a private network'
    case 'metadata':
      return 'the metadata service of a cloud, which hands out credentials'
    case 'special':
      return 'a link-local, multicast or reserved address'
  }
}

/**
 * Reads an entry of `network.allow`: a name (`airflow`, `*.internal.example`), an address or a range (`10.0.0.0/8`).
 *
 * @returns undefined when it is none of them
 */
export function parseAllowed(text: string): AllowRule | undefined {
  const range = rangeOf(text)
  if (range !== undefined) {
    return {
      isName: false,
      coversName: () => false,
      coversAddress: (address) => isWithin(bytesOf(address), range),
    }
  }
  const suffix = text.startsWith('*.') ? text.slice(1).toLowerCase() : undefined
  const name = suffix === undefined ? text.toLowerCase() : suffix.slice(1)
  if (!isHostName(name)) return undefined
  return {
    isName: true,
    coversName: (host) => (suffix === undefined ? plainHost(host) === name : plainHost(host).endsWith(suffix)),
    coversAddress: () => false,
  }
}

/**
 * Whether leeway may connect to an address that a host has.
 *
 * A name that is listed opens addresses of this machine and of private networks, no others: whoever answers for the name could
 * otherwise lead to the metadata service of a cloud.
 */
export function isListed(host: string, address: string, rules: readonly AllowRule[]): boolean {
  if (rules.some((rule) => rule.coversAddress(address))) return true
  const kind = kindOfAddress(address)
  return kind !== 'metadata' && kind !== 'special' && rules.some((rule) => rule.coversName(host))
}

/** What stands in an address, as one that can be reached: without the brackets of IPv6, and the dot at the end of a name. */
export function plainHost(host: string): string {
  return host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
}

/**
 * What an address to post to must do and this one does not, to be read after "an address that"; undefined when it is usable.
 *
 * An address must say what it means: forms that people read as one host and programs as another are refused.
 */
export function faultOfUrl(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text)) return 'begins with http:// or https://'
  if (!/^[\x21-\x7e]+$/.test(text)) return 'is written in ASCII without blanks (other letters of a host as xn--…)'
  if (text.includes('\\')) return 'has no backslash'
  if (!URL.canParse(text)) return 'has a host, and a port from 1 to 65535 if any'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(text))
    return 'holds no user name or password: secrets belong in files'
  if (url.hash !== '' || text.includes('#')) return 'has no part after #'
  if (url.port === '0') return 'has a port from 1 to 65535'
  const [, written = ''] = /^https?:\/\/([^/?]*)/i.exec(text) ?? []
  const host = written.replace(/:\d+$/, '').toLowerCase()
  if (host !== url.hostname) return `names its host plainly: ${url.hostname} instead of ${host}`
  if (url.hostname.endsWith('.')) return 'has no dot after its host'
  return undefined
}

/** Whether a text is the name or the address of a server. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || isHostName(text)
}

function isHostName(text: string): boolean {
  if (text.length > 253 || !text.split('.').every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label)))
    return false
  // `127.1` and `0x7f000001` are addresses in disguise.
  const url = `http://${text}`
  return URL.canParse(url) && isIP(new URL(url).hostname) === 0
}

function rangeOf(text: string): Range | undefined {
  const [address = '', bits] = text.split('/')
  const bytes = bytesOf(plainHost(address), false)
  if (bytes === undefined || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined
  const length = bytes.length * 8
  const wanted = bits === undefined ? length : Number(bits)
  return wanted <= length ? [bytes, wanted] : undefined
}

function isWithin(bytes: readonly number[] | undefined, range: Range | undefined): boolean {
  if (bytes === undefined || range === undefined) return false
  const [prefix, bits] = range
  if (prefix.length !== bytes.length) return false
  return bytes.every((byte, i) => {
    const left = Math.min(8, Math.max(0, bits - i * 8))
    const mask = (0xff << (8 - left)) & 0xff
    return (byte & mask) === ((prefix[i] as number) & mask)
  })
}

function isSame(one: readonly number[], other: readonly number[] | undefined): boolean {
  return isWithin(one, other === undefined ? undefined : [other, other.length * 8])
}

/**
 * The 4 or 16 bytes of an address.
 *
 * @param unmap an IPv4 address in the clothes of an IPv6 one (`::ffff:10.0.0.1`) has the 4 bytes of the former
 */
function bytesOf(address: string, unmap = true): number[] | undefined {
  switch (isIP(address)) {
    case 4:
      return address.split('.').map(Number)
    case 6: {
      const bytes = bytesOf6(address)
      const isMapped =
        unmap && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
      return isMapped ? bytes.slice(12) : bytes
    }
    default:
      return undefined
  }
}

function bytesOf6(address: string): number[] {
  const [plain = ''] = address.split('%')
  const [head = '', tail] = plain.split('::')
  const start = groupsOf(head)
  const end = tail === undefined ? [] : groupsOf(tail)
  const zeros = Array<number>(Math.max(0, 16 - start.length - end.length)).fill(0)
  return [...start, ...zeros, ...end]
}

function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
