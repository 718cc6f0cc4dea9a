import { AsyncLocalStorage } from 'node:async_hooks'
import * as vitest from 'vitest'

/**
 * vitest's own functions for tests that run at the same time, some of one file at once. A whole call waits far more than it works, and
 * what works shares what is compiled and warm.
 *
 * Of tests that run together vitest does not know by itself which one asks for something; these know. Those which must be alone in
 * their process say `{ concurrent: false }`, or take vitest's `it` and `describe`.
 */
const current = new AsyncLocalStorage<vitest.TestContext>()

type Options = number | Pick<vitest.TestOptions, 'timeout' | 'concurrent'>

function optionsOf(options: Options | undefined): vitest.TestOptions {
  return { concurrent: true, ...(typeof options === 'number' ? { timeout: options } : options) }
}

export const describe = vitest.describe.concurrent

type Run<Arguments extends readonly unknown[]> = (...args: Arguments) => void | Promise<void>
type Test<Arguments extends readonly unknown[]> = (
  name: string,
  run: Run<Arguments>,
  options?: Options,
) => void

const test: Test<[]> = (name, run, options) => {
  vitest.it(name, optionsOf(options), (context) => current.run(context, run))
}

const skipIf =
  (isSo: boolean): Test<[]> =>
  (name, run, options) => {
    vitest.it.skipIf(isSo)(name, optionsOf(options), (context) => current.run(context, run))
  }

/** A test for each of the cases; one that is an array is spread. */
function each<Case extends unknown[] | [unknown]>(cases: readonly Case[]): Test<Case>
function each<Case extends readonly unknown[]>(
  cases: readonly Case[],
): Test<{ -readonly [Index in keyof Case]: Case[Index] }>
function each<Case>(cases: readonly Case[]): Test<[Case]>
function each(cases: readonly unknown[]): Test<unknown[]> {
  return (name, run, options) => {
    vitest.it.for(cases)(name, optionsOf(options), (one, context) =>
      current.run(context, run, ...(Array.isArray(one) ? (one as unknown[]) : [one])),
    )
  }
}

export const it = Object.assign(test, { each, skipIf })

/** When the test is over that this is called in, whether it runs with others or alone. */
export function onTestFinished(run: () => void | Promise<void>): void {
  const context = current.getStore()
  if (context) context.onTestFinished(() => current.run(context, run))
  else vitest.onTestFinished(() => run())
}

export const expect: vitest.ExpectStatic = new Proxy(vitest.expect, {
  get: (everywhere, name) =>
    Reflect.get(
      // All the rest needs no test, and the same one for all knows the same matchers.
      name === 'poll' ? (current.getStore()?.expect ?? everywhere) : everywhere,
      name,
    ) as unknown,
})
