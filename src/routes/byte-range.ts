/** First and last byte. */
export type ByteRange = { readonly start: number; readonly end: number }

/**
 * What a `Range` header asks for, of something `size` bytes long (RFC 9110, section 14). Undefined: all of it, which is also the
 * answer to several ranges and to what cannot be read. `unsatisfiable`: nothing of it is there.
 */
export function byteRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '')
  if (!match) return undefined
  const [first, last] = [numberOf(match[1]), numberOf(match[2])]
  if (first === undefined) {
    if (last === undefined) return undefined
    // The last so many bytes.
    return last === 0 || size === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, size - last), end: size - 1 }
  }
  if (last !== undefined && last < first) return undefined
  if (first >= size) return 'unsatisfiable'
  return { start: first, end: Math.min(last ?? Infinity, size - 1) }
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined || digits === '' ? undefined : Number(digits)
}
