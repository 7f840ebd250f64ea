// What somebody may do. Each role may do what the ones before it may.

export const roles = ['viewer', 'operator', 'approver'] as const
export type Role = (typeof roles)[number]

/** Who asks: the name of a token. */
export interface Principal {
  readonly name: string
  readonly role: Role
}

export function suffices(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed)
}
