import { printJson, readCommand } from './command-options.ts'

const HELP = `Checks everything that real calls need, and says what to do about what is not well.

parley doctor
--via URL    reach the server there, instead of at PUBLIC_HOST: checks all but the way from outside
--json       one finding a line

Reads the configuration as the server does: from the environment, and from .env in this folder.
Exits 1 when something is not well. The check of the voice costs a word of speech.`

export async function doctorCommand(args: readonly string[]): Promise<number> {
  const { values } = readCommand(args, { via: { type: 'string' } })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  try {
    process.loadEnvFile()
  } catch {
    // There is no .env: the environment itself may hold everything.
  }
  const { examine, lineOf } = await import('./doctor.ts')
  const findings = await examine({
    environment: process.env,
    via: values.via,
    on: (finding) => {
      if (values.json) printJson(finding)
      else console.log(lineOf(finding))
    },
  })
  return findings.every(({ ok }) => ok) ? 0 : 1
}
