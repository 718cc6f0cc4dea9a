import { ProviderError } from '../../errors.ts'
import type { ReplyPart } from '../../pipeline/ports.ts'
import type { FromWorker } from './worker-messages.ts'
import type { ReplyUsage } from '../../providers/anthropic/reply-assembler.ts'

type Message = Exclude<FromWorker, { type: 'ready' }>

/** The parts of one reply between two threads, in order. Its bound is that of a reply: the model's limit of tokens. */
export class ReplyInbox {
  readonly #parts: ReplyPart[] = []
  readonly #onUsage: ((usage: ReplyUsage) => void) | undefined
  #more = Promise.withResolvers<undefined>()
  #isOver = false
  #isWhole = false
  #error: ProviderError | undefined

  constructor(onUsage?: (usage: ReplyUsage) => void) {
    this.#onUsage = onUsage
  }

  /** Whether the other thread is done with it. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  take(message: Message): void {
    if (message.type === 'part') {
      this.#parts.push(message.part)
      this.#wake()
    } else if (message.type === 'usage') {
      this.#onUsage?.(message.usage)
    } else {
      this.#isWhole = true
      if (message.failure) {
        const { code, vendorCode, message: text } = message.failure
        this.fail(
          new ProviderError(text, {
            provider: 'anthropic',
            code,
            ...(vendorCode !== undefined && { vendorCode }),
          }),
        )
      } else this.end()
    }
  }

  /** What is there is still read; nothing comes after it. */
  end(): void {
    this.#isOver = true
    this.#wake()
  }

  fail(error: ProviderError): void {
    this.#isWhole = true
    this.#error ??= error
    this.end()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReplyPart> {
    for (;;) {
      for (let part = this.#parts.shift(); part; part = this.#parts.shift()) yield part
      if (this.#isOver) break
      await this.#more.promise
    }
    if (this.#error) throw this.#error
  }

  #wake(): void {
    this.#more.resolve(undefined)
    this.#more = Promise.withResolvers<undefined>()
  }
}
