import { FLIGHT_VERSION, FlightHeader, FlightLine } from '../calls/flight-lines.ts'
import type { z } from 'zod'

/** A flight record as it was read; each entry with the line of the file that it stands in. */
export type Flight = {
  readonly header: FlightHeader
  readonly entries: readonly (FlightLine & { readonly line: number })[]
  /** The last line is not whole: the process died while it wrote. */
  readonly isCut: boolean
}

/**
 * Reads the text of a flight record. A last line that is not whole is left out.
 *
 * @throws {Error} saying which line is wrong, and what was expected there
 */
export function readFlight(text: string): Flight {
  const lines = text.split('\n')
  const unfinished = lines.pop() ?? ''
  const isCut = unfinished !== '' && jsonOf(unfinished) === undefined
  if (unfinished !== '' && !isCut) lines.push(unfinished)
  const [first, ...rest] = lines
  if (first === undefined) throw new Error('line 1: expected the header of a flight record')
  const header = readHeader(first)
  const entries = rest.flatMap((content, i) => {
    const line = i + 2
    return content.trim() === '' ? [] : [{ ...parseLine(FlightLine, content, line), line }]
  })
  return { header, entries, isCut }
}

function readHeader(content: string): FlightHeader {
  const json = jsonOf(content)
  if (typeof json === 'object' && json !== null && 'version' in json) {
    const { version } = json
    if (typeof version === 'number' && version !== FLIGHT_VERSION) {
      throw new Error(
        `line 1: a flight record of version ${version}; this Parley reads version ${FLIGHT_VERSION}`,
      )
    }
  }
  return parseLine(FlightHeader, content, 1)
}

function parseLine<T>(schema: z.ZodType<T>, content: string, line: number): T {
  const json = jsonOf(content)
  if (json === undefined) throw new Error(`line ${line}: expected JSON, found ${excerpt(content)}`)
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  throw new Error(`line ${line}: ${problems.join('; ')}`)
}

function excerpt(content: string): string {
  return content.length <= 40 ? `"${content}"` : `"${content.slice(0, 40)}…"`
}

/** Undefined when it is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The caller says where, and what was expected.
    return undefined
  }
}
