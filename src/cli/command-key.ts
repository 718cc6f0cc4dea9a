import { newApiKey, SCOPES } from '../access/api-key.ts'
import { printJson, readCommand, UsageError } from './command-options.ts'

const HELP = `Makes a new API key, and what to put into API_KEYS of the server for it. The server keeps its hash alone.

parley key NAME [--scopes LIST]
--scopes LIST   what it may do, joined with +; default: calls:create+calls:read
--json          for other programs

${SCOPES.join(', ')}; admin may do everything, and sees the calls of all keys.
Two keys of one name are the same user: to replace a key add the new one, change over, and take out the old one.`

export function keyCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readCommand(args, { scopes: { type: 'string' } })
  if (values.help) {
    console.log(HELP)
    return Promise.resolve(0)
  }
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0 || !/^[A-Za-z][\w.-]{0,63}$/.test(name)) {
    throw new UsageError(
      'give the key one name, of letters, digits, dots, - and _: parley key crm\nTry the same with --help.',
    )
  }
  const scopes = (values.scopes ?? 'calls:create+calls:read').split('+').map((text) => {
    const scope = SCOPES.find((each) => each === text)
    if (scope) return scope
    throw new UsageError(`there is no scope "${text}": there are ${SCOPES.join(', ')}`)
  })
  const { key, entry } = newApiKey(name, scopes)
  if (values.json) printJson({ key, entry })
  else {
    console.log(
      `The key, for whoever uses the API; it is shown this once:\n\n  ${key}\n\nFor API_KEYS of the server, after a comma if there are others:\n\n  ${entry}`,
    )
  }
  return Promise.resolve(0)
}
