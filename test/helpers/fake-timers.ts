import { AsyncResource, executionAsyncId, executionAsyncResource } from 'node:async_hooks'
import { vi } from 'vitest'

type Timing = (...args: unknown[]) => unknown

const NAMES = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
] as const

/**
 * vitest's fake timers, for what is in `src` and `test` alone. Files share a process, and a connection that an earlier one has left
 * open may set a timer of its own at any moment, and so may what an earlier test has left running: they are real, and not counted among
 * those that the code under test has set.
 *
 * `vi.useRealTimers()` takes them back.
 */
export function useFakeTimers(): void {
  const real = Object.fromEntries(NAMES.map((name) => [name, globalThis[name] as Timing]))
  const before = new AsyncResource('before the timers were faked').asyncId()
  /** What is set by timers that had been set before, and so on. */
  const left = new WeakSet()
  const isLeftRunning = () => {
    const caller = executionAsyncResource()
    if (left.has(caller)) return true
    return executionAsyncId() < before && /^(Timeout|Immediate)$/.test(caller.constructor.name)
  }
  vi.useFakeTimers()
  for (const name of NAMES) {
    const fake = globalThis[name] as Timing
    const ofItsOwner: Timing = (...args) => {
      if (isLeftRunning()) {
        const set = real[name]?.(...args)
        if (typeof set === 'object' && set !== null) left.add(set)
        return set
      }
      return (isOfLibrary() ? real[name] : fake)?.(...args)
    }
    Object.assign(globalThis, { [name]: ofItsOwner })
  }
}

/** Whether a library, or Node itself, has called the function that asks. */
function isOfLibrary(): boolean {
  const before = { stackTraceLimit: Error.stackTraceLimit, prepareStackTrace: traceMaker() }
  const trace: { stack?: unknown } = {}
  Error.stackTraceLimit = 3
  // The text of a trace takes a hundred times as long to make.
  Error.prepareStackTrace = (_, sites) => sites.at(-1)?.getFileName()
  Error.captureStackTrace(trace)
  const caller = trace.stack
  Object.assign(Error, before)
  return typeof caller === 'string' && /\/node_modules\/|^node:/.test(caller)
}

const traceMaker = (): unknown => Reflect.get(Error, 'prepareStackTrace')
