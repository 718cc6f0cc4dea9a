import type { Menu, PersonStep } from './scenario.ts'

/** The machine that speaks a menu. */
export type MenuMachine = {
  /** Speaks until a key is heard; says nothing when one has been already. */
  sayUntilKey(text: string, signal: AbortSignal): Promise<void>
  /** Takes the next key that is heard; undefined when none comes in time. */
  nextKey(timeoutMs: number, signal: AbortSignal): Promise<string | undefined>
}

const INVALID = 'Sorry, that is not a valid choice.'
const TIMEOUT_MS = 5000
const TIMES_SPOKEN = 3
/** After this pause the keys so far are taken as they are. */
const BETWEEN_KEYS_MS = 2000

const NOTHING = Symbol('no key was pressed')

/** Speaks a menu and those that it leads to. Resolves with what comes after them. */
export async function followMenu(
  machine: MenuMachine,
  menu: Menu,
  signal: AbortSignal,
): Promise<readonly PersonStep[]> {
  let at = menu
  for (let spoken = 0; spoken < (at.repeat ?? TIMES_SPOKEN); spoken++) {
    await machine.sayUntilKey(at.say, signal)
    const keys = await readKeys(machine, at, signal)
    if (keys === NOTHING) continue
    const chosen = optionOf(at, keys)
    if (chosen === undefined) {
      await machine.sayUntilKey(at.invalid ?? INVALID, signal)
    } else if ('options' in chosen) {
      at = chosen
      spoken = -1
    } else return chosen
  }
  return at.otherwise ?? [{ hangUp: true }]
}

/** Keys as far as they make a choice, valid or not. */
async function readKeys(
  machine: MenuMachine,
  menu: Menu,
  signal: AbortSignal,
): Promise<string | typeof NOTHING> {
  let keys = ''
  for (;;) {
    const timeoutMs = keys === '' ? (menu.timeoutMs ?? TIMEOUT_MS) : BETWEEN_KEYS_MS
    const key = await machine.nextKey(timeoutMs, signal)
    if (key === undefined) return keys === '' ? NOTHING : keys
    if (key === '#' && keys !== '') return keys
    keys += key
    if (!Object.keys(menu.options).some((name) => name !== keys && name.startsWith(keys)))
      return keys
  }
}

function optionOf({ options }: Menu, keys: string): Menu | readonly PersonStep[] | undefined {
  return Object.hasOwn(options, keys) ? options[keys] : undefined
}
