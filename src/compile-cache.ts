import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * Beside the packages, which whoever may write there may change anyway: what is compiled is run. Where it cannot be written to, as in a
 * container, every start takes as long as the first.
 */
const FOLDER = fileURLToPath(new URL('../node_modules/.cache/parley', import.meta.url))

/**
 * From now on what Node compiles in this thread is taken from what an earlier start has kept: most of a start is that. To be called before
 * what is large is imported. (Node's documentation, “Module compile cache”.)
 */
export function useCompileCache(): void {
  enableCompileCache(FOLDER)
}

/** Keeps what has been compiled so far; takes a moment the first time. A process that is killed keeps nothing by itself. */
export function keepCompiled(): void {
  flushCompileCache()
}
