import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from './together.ts'

/** A status; `hang`: never answers; `drop`: resets the connection. */
export type ReceiverAnswer = number | 'hang' | 'drop'

export type Received = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** `type` of the body. */
  readonly type: string
}

/** An HTTP server that is told of calls. It answers by script: each request takes the next answer, and the last one stays. */
export async function startReceiver(...answers: ReceiverAnswer[]) {
  const received: Received[] = []
  let open = 0
  let mostOpen = 0
  const script = { answers }
  const server = createServer((request, response) => {
    open++
    mostOpen = Math.max(mostOpen, open)
    response.once('close', () => open--)
    void text(request).then((body) => {
      const { type } = JSON.parse(body) as { type: string }
      received.push({ path: request.url ?? '', headers: request.headers, body, type })
      const answer = script.answers.length > 1 ? script.answers.shift() : script.answers[0]
      if (answer === 'hang') return
      if (answer === 'drop') {
        request.socket.resetAndDestroy()
        return
      }
      const status = answer ?? 204
      const location = status >= 300 && status < 400 ? { location: '/elsewhere' } : {}
      response.writeHead(status, location).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections()
      server.close(() => {
        resolve()
      })
    })
  onTestFinished(close)
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    types: () => received.map(({ type }) => type),
    answer: (...next: ReceiverAnswer[]) => {
      script.answers = next
    },
    mostOpen: () => mostOpen,
    close,
  }
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>
