import { parentPort, workerData } from 'node:worker_threads'

/** A worker that dies of what it is asked: `crash` throws, `exit` ends, `start` (as its settings) never comes up. */
if ((workerData as { apiKey: string }).apiKey === 'start') throw new Error('cannot be loaded')
parentPort?.on('message', ({ id, request }: { id: number; request?: { model: string } }) => {
  if (request === undefined) return
  const text = { type: 'part', id, part: { type: 'text', text: 'Hello' } }
  parentPort?.postMessage(text)
  if (request.model === 'crash') {
    setImmediate(() => {
      throw new Error('what the person has said')
    })
  } else if (request.model === 'exit') {
    setImmediate(() => process.exit(3))
  } else {
    parentPort?.postMessage({ type: 'part', id, part: { type: 'done', reason: 'end' } })
    parentPort?.postMessage({ type: 'end', id })
  }
})
parentPort?.postMessage({ type: 'ready' })
