import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { vi } from 'vitest'
import { COMPILE_CACHE } from '../helpers/node-process.ts'

const WRITER = join(import.meta.dirname, 'call-writer.ts')

/** `call-writer.ts` as a process of its own. */
export class WriterProcess {
  readonly child: ChildProcess
  #output = ''

  /** `limitKb`: no file may become larger than that. */
  constructor({ url, words = '', limitKb }: { url: string; words?: string; limitKb?: number }) {
    const limit = limitKb === undefined ? '' : `ulimit -S -f ${limitKb};`
    const command = `${limit} exec "$0" "$@"`
    this.child = spawn('bash', ['-c', command, process.execPath, WRITER, url, words], {
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString()
      })
    }
  }

  get output(): string {
    return this.#output
  }

  get callId(): string {
    return /^call (\S+)$/m.exec(this.#output)?.[1] ?? ''
  }

  /** How many turns were over when it said something last. */
  get turns(): number {
    return Number(Array.from(this.#output.matchAll(/^turn (\d+)$/gm)).at(-1)?.[1] ?? 0)
  }

  async hasTurns(count: number): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.turns < count) throw new Error(`only ${this.turns} turns:\n${this.#output}`)
      },
      { timeout: 20_000, interval: 5 },
    )
  }

  async says(text: string): Promise<void> {
    await vi.waitFor(
      () => {
        if (!this.#output.includes(text)) throw new Error(`no “${text}”:\n${this.#output}`)
      },
      { timeout: 20_000, interval: 5 },
    )
  }

  /** As the kernel does when memory runs out. */
  async kill(): Promise<void> {
    const exited = once(this.child, 'close')
    this.child.kill('SIGKILL')
    await exited
  }

  /** Ends its call. Returns the exit code. */
  async end(): Promise<number | null> {
    const exited = once(this.child, 'close')
    this.child.stdin?.write('end\n')
    const [code] = (await exited) as [number | null]
    return code
  }
}
