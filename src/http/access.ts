// Who may have which answer: decided from the route, what was presented, and what the settings ask for.

import type { IncomingHttpHeaders } from 'node:http'
import { hostOf, isLoopback, isNumeric } from './address.ts'
import type { Principal, Role } from './role.ts'
import { suffices } from './role.ts'
import type { Tokens } from './tokens.ts'

export interface AccessRules {
  /** Whether the API is read by everybody who reaches the port, or with a token only. */
  readonly read: 'open' | 'token'
  readonly metrics: 'open' | 'token'
  /** undefined when no tokens are configured: nothing can be changed then, and what needs a token cannot be read. */
  readonly tokens: () => Tokens | undefined
}

/** What a route asks of who calls it. `open` is for all; so is `probe`, which says less to those who may not read. */
export type Needed = 'open' | 'probe' | 'metrics' | 'read' | Role

/** What stands in the header `authorization`. */
export type Presented =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'holder'; readonly holder: Principal }

export type Decision =
  | { readonly allowed: true; readonly by: Principal | null; readonly mayRead: boolean }
  | { readonly allowed: false; readonly status: 401 | 403; readonly because: string; readonly holder: Principal | null }

const TOKEN_LENGTH_MAX = 512

export function presented(authorization: string | undefined, tokens: Tokens | undefined): Presented {
  const [, token] = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '') ?? []
  // Another scheme is a matter of a proxy in front of us.
  if (tokens === undefined || token === undefined) return { kind: 'nothing' }
  const holder = token.length > TOKEN_LENGTH_MAX ? undefined : tokens.holder(token)
  return holder === undefined ? { kind: 'unknown' } : { kind: 'holder', holder }
}

export function decide(needed: Needed, shown: Presented, { read, metrics, tokens }: AccessRules): Decision {
  const refuse = (status: 401 | 403, because: string, holder: Principal | null = null): Decision => ({
    allowed: false,
    status,
    because,
    holder,
  })
  if (shown.kind === 'unknown') return refuse(401, 'this token is not known here; it may have been replaced')
  const holder = shown.kind === 'holder' ? shown.holder : null
  const mayRead = read === 'open' || holder !== null
  if (needed === 'open' || needed === 'probe') return { allowed: true, by: holder, mayRead }
  const isOpen = (needed === 'read' && mayRead) || (needed === 'metrics' && metrics === 'open')
  if (isOpen) return { allowed: true, by: holder, mayRead }
  const isReading = needed === 'read' || needed === 'metrics'
  const role: Role = isReading ? 'viewer' : needed
  if (holder === null && tokens() === undefined && isReading)
    return refuse(
      403,
      'on this address reading needs a token, and none are configured; name a file of tokens in LEEWAY_TOKENS_FILE, or open reading to everybody who reaches the port (docs/configuration.md)',
    )
  const because = whyNot(role, holder, tokens() !== undefined)
  if (because !== null) return refuse(holder === null && tokens() !== undefined ? 401 : 403, because, holder)
  return { allowed: true, by: holder, mayRead }
}

/** Why somebody may not do what needs a role, in words that say what is needed; null when they may. */
export function whyNot(role: Role, holder: Principal | null, hasTokens: boolean): string | null {
  if (holder !== null)
    return suffices(holder.role, role)
      ? null
      : `this needs the role ${role}; the token of ${holder.name} has the role ${holder.role}`
  return hasTokens
    ? `this needs the token of ${role === 'viewer' ? 'a' : 'an'} ${role}, in the header "authorization: Bearer TOKEN"`
    : 'nothing that needs a role can be done over HTTP while no tokens are configured; name a file of tokens in LEEWAY_TOKENS_FILE'
}

export interface HostRules {
  /** The address that is listened on. */
  readonly host: string
  readonly publicUrl: string | null
  readonly allowedHosts: readonly string[]
}

/**
 * A page in a browser could reach a server under a name of its own that it lets point here (DNS rebinding). So only known names
 * are answered. Addresses in numbers are nobody's name, and are how probes call.
 *
 * @returns whether a Host header is answered
 */
export function hostCheck({ host, publicUrl, allowedHosts }: HostRules): (header: string | undefined) => boolean {
  const onLoopback = isLoopback(host)
  const names = new Set([...allowedHosts, host].map((name) => name.toLowerCase()))
  if (publicUrl !== null) names.add(new URL(publicUrl).hostname.toLowerCase())
  const isEnforced = onLoopback || publicUrl !== null || allowedHosts.length > 0
  return (header) => {
    const name = hostOf(header)
    if (name === undefined) return false
    return !isEnforced || names.has(name) || isLoopback(name) || (!onLoopback && isNumeric(name))
  }
}

/**
 * Whether a request that changes something comes from a page of another site. Such a page has no token, so this is the second
 * lock. Programs send none of these headers.
 *
 * A proxy in front of us may change the name of the host. What browsers say of the site themselves holds whatever a proxy does (they
 * say nothing over plain HTTP by a name), and a page can set `x-forwarded-host` only after asking, which is never granted here.
 */
export function isCrossSite(
  headers: Pick<IncomingHttpHeaders, 'origin' | 'host' | 'sec-fetch-site'> & {
    readonly 'x-forwarded-host'?: string | string[] | undefined
  },
  publicUrl: string | null,
): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin, host, 'x-forwarded-host': forwarded } = headers
  if (origin === undefined) return false
  if (!URL.canParse(origin)) return true
  const url = new URL(origin)
  const own = [
    host,
    String(forwarded ?? '')
      .split(',')[0]
      ?.trim(),
  ].map((name) => name?.toLowerCase())
  return !own.includes(url.host) && url.origin !== (publicUrl === null ? null : new URL(publicUrl).origin)
}
