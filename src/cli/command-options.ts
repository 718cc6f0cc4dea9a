import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Api } from './api-client.ts'

/** A command was not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

type Options = NonNullable<ParseArgsConfig['options']>

const COMMON = {
  url: { type: 'string' },
  key: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies Options

/** Reads a command's arguments. @throws {UsageError} */
export function readCommand<Own extends Options>(args: readonly string[], own: Own) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...COMMON, ...own },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${message}\nTry the same with --help.`)
  }
}

/** The server that a command talks with. */
export function apiOf(values: { url?: string | undefined; key?: string | undefined }): Api {
  const url = values.url ?? process.env['PARLEY_URL'] ?? 'http://127.0.0.1:8000'
  if (!URL.canParse(url)) {
    throw new UsageError(`--url takes an address such as http://127.0.0.1:8000, not "${url}"`)
  }
  return { url, key: values.key ?? process.env['PARLEY_API_KEY'] }
}

/** For --json: one value a line, so that other programs can read it as it comes. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value))
}
