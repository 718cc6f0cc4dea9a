import { styleText } from 'node:util'
import { parseConfig } from '../config.ts'
import { ConfigError } from '../errors.ts'
import { type Check, type CheckResult, checksOf } from './doctor-checks.ts'

export type Finding = CheckResult & { readonly name: string }

/**
 * Looks at everything that a real call needs: the configuration, each vendor with the key that is set, and whether Twilio's
 * webhooks and media streams would reach this server. Costs a few characters of speech.
 */
export async function examine(options: {
  environment: Readonly<Record<string, string | undefined>>
  /** Where to reach the server in place of its public host; signatures are still made for that. */
  via: string | undefined
  on: (finding: Finding) => void
}): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const tell = (finding: Finding) => {
    findings.push(finding)
    options.on(finding)
  }
  let checks: readonly Check[]
  try {
    const config = parseConfig(options.environment)
    tell({ name: 'configuration', ok: true, detail: 'every variable has a value that can be used' })
    checks = checksOf(config, options.via)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const problem of error.problems) {
      tell({ name: 'configuration', ok: false, detail: problem, todo: 'see .env.example' })
    }
    return findings
  }
  for (const { name, run } of checks) tell({ name, ...(await run()) })
  return findings
}

/** A finding as a line of the terminal, with what to do when it is not well. */
export function lineOf({ name, ok, detail, todo }: Finding): string {
  const mark = ok ? styleText('green', 'ok  ') : styleText('red', 'FAIL')
  const advice = todo === undefined ? '' : `\n${' '.repeat(28)}→ ${todo}`
  return `${mark}  ${name.padEnd(22)} ${detail}${advice}`
}
