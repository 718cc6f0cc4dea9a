import { AsyncLocalStorage } from 'node:async_hooks'
import type { Credentials } from '../../routes/credentials.ts'
import { fetchInProcess, type Injectable } from '../in-process.ts'

/**
 * Who is asking, for tools that do what they do by our own API: they may do there what their caller may, and nothing else.
 */
export class Caller {
  readonly #credentials = new AsyncLocalStorage<Credentials>()

  /** Runs `task`, and whatever it starts, in the name of a caller. */
  as<Result>(credentials: Credentials, task: () => Result): Result {
    return this.#credentials.run(credentials, task)
  }

  /** A `fetch` into the app of this process, with the caller's key; outside of `as` there is no key. */
  fetchIn(app: Injectable): typeof fetch {
    const inside = fetchInProcess(app)
    return (input, init) => {
      const headers = new Headers(init?.headers)
      for (const [name, value] of Object.entries(this.#credentials.getStore() ?? {})) {
        headers.set(name, value)
      }
      return inside(input, { ...init, headers })
    }
  }
}
