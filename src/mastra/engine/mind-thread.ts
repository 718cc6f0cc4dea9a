import { Worker } from 'node:worker_threads'
import type { Cancel, Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { ReplyPart } from '../../pipeline/ports.ts'
import { ReplyInbox } from './reply-inbox.ts'
import type { FromWorker, ReplyRequest, ToWorker, WorkerSettings } from './worker-messages.ts'
import type { ReplyUsage } from '../../providers/anthropic/reply-assembler.ts'

/** A thread that ends again and again is started again ever later. */
const FIRST_RESTART_MS = 100
const LAST_RESTART_MS = 30_000
/** One that has lived for so long has not ended because of how it began. */
const STABLE_MS = 60_000
/** What grows beyond is a leak: the thread ends, and the process does not. */
const MAX_HEAP_MB = 1024

export type MindThreadParts = {
  readonly settings: WorkerSettings
  /** Default: the worker of Mastra's agent. */
  readonly entry?: URL
  readonly clock: Clock
  readonly log: Logger
}

type ReplyOptions = { readonly signal: AbortSignal; readonly onUsage?: (usage: ReplyUsage) => void }

/**
 * The one thread of the process in which a Mastra agent thinks for all calls. When it ends, the replies that it was at fail,
 * and so do those that are asked for until another one is up: a call has a second model for that, and no time to wait.
 */
export class MindThread {
  readonly #parts: MindThreadParts
  readonly #replies = new Map<number, ReplyInbox>()
  readonly #ready = Promise.withResolvers<undefined>()
  #worker: Worker | undefined
  #isUp = false
  #isClosed = false
  #startedMs = 0
  #deaths = 0
  #lastId = 0
  #cancelRestart: Cancel = () => undefined

  constructor(parts: MindThreadParts) {
    this.#parts = parts
    // Whoever asks learns it.
    this.#ready.promise.catch(() => undefined)
    this.#start()
  }

  /** Resolves when the thread can speak for the first time; rejects when it cannot be brought up at all. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /**
   * One reply. Ends quietly when aborted.
   *
   * @throws {ProviderError} when the vendor or the thread fails
   */
  async *reply(
    request: ReplyRequest,
    { signal, onUsage }: ReplyOptions,
  ): AsyncGenerator<ReplyPart> {
    if (signal.aborted) return
    const worker = this.#worker
    if (!worker || !this.#isUp) throw gone('the thread is being started')
    const id = ++this.#lastId
    const inbox = new ReplyInbox(onUsage)
    this.#replies.set(id, inbox)
    post(worker, { type: 'reply', id, request })
    const onAbort = () => {
      inbox.end()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      yield* inbox
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#replies.delete(id)
      if (!inbox.isWhole) post(worker, { type: 'abort', id })
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelRestart()
    this.#ready.reject(new Error('closed'))
    await this.#worker?.terminate()
  }

  #start(): void {
    const { clock, log, settings, entry = ENTRY } = this.#parts
    this.#startedMs = clock.now()
    const worker = new Worker(entry, {
      workerData: settings,
      // Nothing of our environment is the worker's: it is full of keys.
      env: { MASTRA_TELEMETRY_DISABLED: '1' },
      execArgv: [],
      // What libraries print may be what people said.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    worker.stdout.resume()
    worker.stderr.resume()
    this.#worker = worker
    worker.on('message', (message: FromWorker) => {
      this.#take(message)
    })
    worker.on('error', (error: Error) => {
      // Its message may hold what people said.
      log.error({ cause: error.name }, 'mastra thread failed')
    })
    worker.on('exit', (exitCode) => {
      this.#onExit(exitCode)
    })
  }

  #take(message: FromWorker): void {
    if (message.type === 'ready') {
      this.#isUp = true
      this.#ready.resolve(undefined)
      this.#parts.log.info('mastra thread is up')
    } else this.#replies.get(message.id)?.take(message)
  }

  #onExit(exitCode: number): void {
    const { clock, log } = this.#parts
    const failure = gone(`the thread ended with ${exitCode}`)
    for (const inbox of this.#replies.values()) inbox.fail(failure)
    this.#worker = undefined
    if (this.#isClosed) return
    // Without having been up once it would not be the next time.
    if (!this.#isUp && this.#deaths === 0) this.#ready.reject(failure)
    this.#isUp = false
    if (clock.now() - this.#startedMs > STABLE_MS) this.#deaths = 0
    const restartMs = Math.min(LAST_RESTART_MS, FIRST_RESTART_MS * 2 ** this.#deaths++)
    log.warn({ exitCode, restartMs }, 'mastra thread ended')
    this.#cancelRestart = clock.after(restartMs, () => {
      this.#start()
    })
  }
}

const ENTRY = new URL('./reply-worker.ts', import.meta.url)

function post(worker: Worker, message: ToWorker): void {
  worker.postMessage(message)
}

function gone(what: string): ProviderError {
  return new ProviderError(`mastra cannot answer: ${what}`, {
    provider: 'anthropic',
    code: 'unavailable',
    vendorCode: 'mastra_thread',
  })
}
