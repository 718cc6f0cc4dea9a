import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from './together.ts'

/**
 * What Node has compiled for one of these processes serves them all. Most of what a short one does is to load the same modules as the
 * one before it.
 */
export const COMPILE_CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/parley-test-processes', import.meta.url),
)

export type NodeProcess = {
  readonly child: ChildProcessWithoutNullStreams
  /** Its code, once all that it has printed is there; null when a signal has ended it. */
  readonly exited: Promise<number | null>
  readonly stdout: () => string
  readonly stderr: () => string
  /** Both, in the order in which they came. */
  readonly output: () => string
}

type Options = {
  /** All that is in its environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Node as a process of its own, with nothing in its environment but this. It does not outlive its test. */
export function nodeProcess(args: readonly string[], { env, cwd }: Options = {}): NodeProcess {
  const child = spawn(process.execPath, args, {
    env: { NO_COLOR: '1', NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    ...(cwd !== undefined && { cwd }),
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const printed = { stdout: '', stderr: '', output: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text
      printed.output += text
    })
  }
  return {
    child,
    exited: once(child, 'close').then(([code]) => code as number | null),
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    output: () => printed.output,
  }
}

/** The same to its end. */
export async function runNode(args: readonly string[], options: Options = {}) {
  const { exited, stdout, stderr, output } = nodeProcess(args, options)
  const code = await exited
  return { code, stdout: stdout(), stderr: stderr(), output: output() }
}
