/**
 * An object as the API takes it: JSON, in which every text is valid Unicode. Anything but an object is what a model made of
 * one, and is kept under a name.
 */
export function wellFormedObject(value: unknown): Record<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const json = JSON.stringify(isObject ? value : { value })
  // JSON writes a lone surrogate as an escape, which the API refuses. A pair of backslashes is one of the text itself.
  const wellFormed = json.replaceAll(/\\(\\|ud[89a-f][0-9a-f]{2})/g, (escape, kind) =>
    kind === '\\' ? escape : '\uFFFD',
  )
  return JSON.parse(wellFormed) as Record<string, unknown>
}
