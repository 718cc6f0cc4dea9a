import { parentPort, workerData } from 'node:worker_threads'
import { openReadOnlyMemory } from './read-only-memory.ts'
import { ReplyAgent } from './reply-agent.ts'
import type { FromWorker, ToWorker, WorkerSettings } from './worker-messages.ts'

/** The thread in which the agent of all calls thinks: what Mastra's weight delays is never the sound of a call. */
const port = parentPort
if (!port) throw new Error('this module is the body of a worker')
const settings = workerData as WorkerSettings
const memory =
  settings.memoryUrl === undefined ? undefined : await openReadOnlyMemory(settings.memoryUrl)
const agent = new ReplyAgent(settings, memory)
const going = new Map<number, AbortController>()

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
