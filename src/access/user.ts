import type { Scope } from './api-key.ts'

/** Who makes a request. */
export type User = {
  /** Name of the key; undefined: a server without keys is asked from its own machine. */
  readonly name: string | undefined
  readonly scopes: readonly Scope[]
}

/** Without keys everything is everybody's who sits at the machine. */
export const EVERYBODY: User = { name: undefined, scopes: ['admin'] }

export function isAdmin({ scopes }: User): boolean {
  return scopes.includes('admin')
}

/** An admin may do everything. */
export function may(user: User, scope: Scope): boolean {
  return isAdmin(user) || user.scopes.includes(scope)
}

/** Whose calls a user may see: those of the key that made them; undefined: all. */
export function ownerSeenBy(user: User): string | undefined {
  return isAdmin(user) ? undefined : (user.name ?? '')
}
