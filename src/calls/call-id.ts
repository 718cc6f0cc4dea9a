import { randomBytes } from 'node:crypto'

/** Crockford's base 32: no letter that looks like a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARS = 10
const RANDOM_BYTES = 16

/** A new call's id. */
export function newCallId(date: Date): string {
  return newSortableId('call', date)
}

/** It begins with the time, so ids sort by age; 80 random bits make it impossible to guess. */
export function newSortableId(prefix: string, date: Date): string {
  let time = date.getTime()
  let timePart = ''
  for (let i = 0; i < TIME_CHARS; i++) {
    timePart = ALPHABET.charAt(time % 32) + timePart
    time = Math.floor(time / 32)
  }
  // Five bits of each byte: 256 is a multiple of 32, so every character is equally likely.
  const randomPart = Array.from(randomBytes(RANDOM_BYTES), (byte) => ALPHABET.charAt(byte % 32))
  return `${prefix}_${timePart}${randomPart.join('')}`
}
