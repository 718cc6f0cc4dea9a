/** About what a value takes in memory, in bytes: characters at two bytes, and something for everything else. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length * 2
  if (typeof value !== 'object' || value === null) return 8
  if (value instanceof Date) return 16
  let size = 32
  for (const [name, each] of Object.entries(value)) size += name.length + sizeOf(each)
  return size
}
