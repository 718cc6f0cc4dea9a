import { createHash } from 'node:crypto'

/** The name of a person in memory. It says nothing to whoever reads the database, but whoever knows the number can make it. */
export function personId(phoneNumber: string): string {
  return `person_${createHash('sha256').update(`parley:${phoneNumber}`).digest('hex').slice(0, 32)}`
}
