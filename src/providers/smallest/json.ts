/** Undefined when it is not JSON, which no JSON text means. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Whoever sent it is told by what its reader makes of nothing.
    return undefined
  }
}
