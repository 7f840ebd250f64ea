// Which token belongs to whom. Only hashes are kept: what is in memory lets nobody in.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Principal } from './role.ts'

export interface TokenEntry extends Principal {
  /** Of the token: 32 bytes. */
  readonly sha256: Uint8Array
}

export class Tokens {
  readonly #entries: readonly TokenEntry[]

  constructor(entries: readonly TokenEntry[]) {
    this.#entries = entries
  }

  /** Whose token it is. All entries are compared, each in constant time, so that the time tells nothing. */
  holder(token: string): Principal | undefined {
    const hash = hashOf(token)
    let found: Principal | undefined
    for (const { name, role, sha256 } of this.#entries) if (timingSafeEqual(sha256, hash)) found = { name, role }
    return found
  }
}

export function hashOf(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}
