/**
 * Two lists of lines as one: `  line` stands in both, `- line` only in `before`, `+ line` only in `after`. As few lines
 * as possible differ.
 */
export function lineDifference(before: readonly string[], after: readonly string[]): string[] {
  const common = commonLengths(before, after)
  const length = (i: number, j: number) => common[i]?.[j] ?? 0
  const lines: string[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    const removed = before[i]
    const added = after[j]
    if (removed !== undefined && removed === added) {
      lines.push(`  ${removed}`)
      i++
      j++
    } else if (
      added === undefined ||
      (removed !== undefined && length(i + 1, j) >= length(i, j + 1))
    ) {
      lines.push(`- ${removed ?? ''}`)
      i++
    } else {
      lines.push(`+ ${added}`)
      j++
    }
  }
  return lines
}

/** At `[i][j]`: how many lines the rests from `i` and from `j` on have in common, in order. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const table = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  )
  for (let i = before.length - 1; i >= 0; i--) {
    const row = table[i] ?? []
    const below = table[i + 1] ?? []
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] =
        before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return table
}
