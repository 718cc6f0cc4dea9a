import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'

/** An HTTP server of a stand-in on a free port of 127.0.0.1. */
export type Loopback = {
  readonly server: Server
  readonly port: number
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Stops listening and cuts every connection. */
  close(): Promise<void>
}

export async function listenOnLoopback(handle: RequestListener, port = 0): Promise<Loopback> {
  const server = createServer(handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    })
  return { server, port: address.port, url: `http://127.0.0.1:${address.port}`, close }
}
