import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** What a worker can be asked: for each question what is given with it, and what comes back. */
type Questions = Record<string, { given: unknown; answer: unknown }>

type Ask = { readonly id: number; readonly question: string; readonly given: unknown }
type Reply =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string }

/** The answer that every worker gives unasked, once. */
const READY = 0

/** How long a worker may take to end by itself when its parent lets go of it. */
const EXIT_MS = 5000

/**
 * A process of the bench, seen from its parent. Servers, vendors and callers each have one, so that none of them borrows
 * the processor time of another's event loop.
 */
export class Worker<Q extends Questions> {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #gone = Promise.withResolvers<never>()
  #asked = 0

  private constructor(child: ChildProcess) {
    this.#process = child
    // Whoever waits for an answer hears of it; without anybody waiting it is no error.
    this.#gone.promise.catch(() => undefined)
    child.once('exit', (code, signal) => {
      this.#gone.reject(new Error(`worker ended with ${signal ?? String(code)}`))
    })
    child.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if ('error' in reply) waiting?.reject(new Error(reply.error))
      else waiting?.resolve(reply.answer)
    })
  }

  /**
   * Starts `script` with this node and nothing in its environment but `environment`; resolves when it is ready for
   * questions. `log`: file descriptor for what it prints.
   */
  static async start<Q extends Questions>(
    script: URL,
    options: {
      environment: Readonly<Record<string, string>>
      log: number
      execArgv?: readonly string[]
    },
  ): Promise<Worker<Q>> {
    const child = fork(script, {
      env: options.environment,
      execArgv: [...(options.execArgv ?? [])],
      stdio: ['ignore', options.log, options.log, 'ipc'],
    })
    const worker = new Worker<Q>(child)
    await worker.#answerTo(READY)
    return worker
  }

  async ask<K extends keyof Q & string>(
    question: K,
    given: Q[K]['given'],
  ): Promise<Q[K]['answer']> {
    const id = ++this.#asked
    this.#process.send({ id, question, given } satisfies Ask)
    return this.#answerTo(id)
  }

  #answerTo(id: number): Promise<unknown> {
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting.set(id, waiting)
    return Promise.race([waiting.promise, this.#gone.promise])
  }

  /** Lets go of the worker, which ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    if (child.connected) child.disconnect()
    const timer = setTimeout(() => child.kill('SIGKILL'), EXIT_MS)
    await exited
    clearTimeout(timer)
  }
}

export type Answers<Q extends Questions> = {
  readonly [K in keyof Q]: (given: Q[K]['given']) => Q[K]['answer'] | Promise<Q[K]['answer']>
}

/** In the worker: says that it is ready, and answers its parent until that lets go; then `close` runs. */
export function answerParent<Q extends Questions>(
  answers: Answers<Q>,
  close: () => Promise<void>,
): void {
  process.on('message', (ask: Ask) => {
    void answer(ask).then((reply) => process.send?.(reply))
  })
  process.once('disconnect', () => {
    void close().finally(() => process.exit())
  })
  process.send?.({ id: READY, answer: undefined } satisfies Reply)

  async function answer({ id, question, given }: Ask): Promise<Reply> {
    try {
      return { id, answer: await answers[question]?.(given) }
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
  }
}
