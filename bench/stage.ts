import type { CallQuestions, Placement, ServerName } from './call-questions.ts'
import type { Usage } from './process-usage.ts'
import type { ServerQuestions } from './server-questions.ts'
import type { VendorQuestions } from './vendor-questions.ts'
import { Worker } from './worker.ts'

const SCRIPTS: Readonly<Record<ServerName, URL>> = {
  parley: new URL('server-under-test.ts', import.meta.url),
  speculating: new URL('server-under-test.ts', import.meta.url),
  skeleton: new URL('skeleton.ts', import.meta.url),
}
const ENVIRONMENTS: Readonly<Record<ServerName, Readonly<Record<string, string>>>> = {
  parley: {},
  speculating: { SPECULATION: 'true' },
  skeleton: {},
}
const VENDORS = new URL('vendors.ts', import.meta.url)
const CALLERS = new URL('callers.ts', import.meta.url)

export type StageOptions = {
  readonly servers: readonly ServerName[]
  /** File descriptor for what the processes print. */
  readonly log: number
  /** Folder for a CPU profile of each server. */
  readonly profileTo?: string
}

type Server = {
  readonly name: ServerName
  readonly url: string
  readonly worker: Worker<ServerQuestions>
}

/** What each process used in the same time. */
export type StageUsage = {
  readonly servers: readonly Usage[]
  readonly vendors: Usage
  readonly callers: Usage
}

/** All processes of one measurement, each of them fresh: vendors, callers, and the servers between them. */
export class Stage {
  readonly vendors: Worker<VendorQuestions>
  readonly callers: Worker<CallQuestions>
  readonly #processes = new AsyncDisposableStack()
  readonly #servers: Server[] = []

  private constructor(vendors: Worker<VendorQuestions>, callers: Worker<CallQuestions>) {
    this.vendors = this.#processes.use(vendors)
    this.callers = this.#processes.use(callers)
  }

  static async open({ servers, log, profileTo }: StageOptions): Promise<Stage> {
    const [vendors, callers] = await Promise.all([
      Worker.start<VendorQuestions>(VENDORS, { environment: {}, log }),
      Worker.start<CallQuestions>(CALLERS, { environment: {}, log }),
    ])
    const stage = new Stage(vendors, callers)
    const started = await Promise.allSettled(
      servers.map((name) => {
        const execArgv = ['--expose-gc', ...profiling(name, profileTo)]
        return stage.#start(name, { log, execArgv })
      }),
    )
    for (const result of started) {
      if (result.status === 'fulfilled') stage.#servers.push(result.value)
      else {
        // Nothing of a stage that is not whole may outlive this.
        await stage[Symbol.asyncDispose]()
        throw result.reason
      }
    }
    return stage
  }

  async #start(name: ServerName, options: { log: number; execArgv: string[] }): Promise<Server> {
    const environment = {
      ...(await this.vendors.ask('environment', undefined)),
      ...(await this.callers.ask('environment', name)),
      HOST: '127.0.0.1',
      PORT: '0',
      MAX_CALLS: '10000',
      ...ENVIRONMENTS[name],
    }
    const worker = await Worker.start<ServerQuestions>(SCRIPTS[name], { environment, ...options })
    this.#processes.use(worker)
    return { name, worker, url: await worker.ask('url', undefined) }
  }

  /** The same number of calls for each server, numbered from `first`. */
  placements(
    first: number,
    calls: number,
    { turns, hesitant }: Pick<Placement, 'turns' | 'hesitant'>,
  ): Placement[] {
    return this.#servers.map(({ name, url }, index) => ({
      server: name,
      url,
      calls: Array.from({ length: calls }, (_, i) => first + index * calls + i),
      turns,
      hesitant,
    }))
  }

  /** What the processes used since this was asked the last time. */
  async usage(): Promise<StageUsage> {
    const [servers, vendors, callers] = await Promise.all([
      Promise.all(this.#servers.map(({ worker }) => worker.ask('usage', undefined))),
      this.vendors.ask('usage', undefined),
      this.callers.ask('usage', undefined),
    ])
    return { servers, vendors, callers }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes.disposeAsync()
  }
}

function profiling(name: ServerName, folder: string | undefined): string[] {
  if (folder === undefined) return []
  const file = `${name}-${Date.now()}.cpuprofile`
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${file}`]
}
