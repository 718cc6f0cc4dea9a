import { parentPort, workerData } from 'node:worker_threads'
import { keepCompiled, useCompileCache } from '../../compile-cache.ts'
import type { FromWorker, ToWorker, WorkerSettings } from './worker-messages.ts'

/** The thread in which the agent of all calls thinks: what Mastra's weight delays is never the sound of a call. */
const port = parentPort
if (!port) throw new Error('this module is the body of a worker')
useCompileCache()
const { ReplyAgent } = await import('./reply-agent.ts')
const settings = workerData as WorkerSettings
const agent = new ReplyAgent(settings, await memoryOf(settings))
const going = new Map<number, AbortController>()

/** Loaded by those who remember: the thread is up sooner without it. */
async function memoryOf({ memoryUrl }: WorkerSettings) {
  if (memoryUrl === undefined) return undefined
  const { openReadOnlyMemory } = await import('./read-only-memory.ts')
  return openReadOnlyMemory(memoryUrl)
}

function tell(message: FromWorker): void {
  port?.postMessage(message)
}

port.on('message', (message: ToWorker) => {
  const { id } = message
  if (message.type === 'abort') {
    going.get(id)?.abort()
    return
  }
  const controller = new AbortController()
  going.set(id, controller)
  void agent
    .reply(message.request, {
      signal: controller.signal,
      tell: (answer) => {
        tell({ ...answer, id })
      },
    })
    .finally(() => going.delete(id))
})
tell({ type: 'ready' })
keepCompiled()
