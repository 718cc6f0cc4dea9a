import { request } from 'node:http'

/** One server-sent event as a browser would hand it over; a comment has nothing else. */
export type SentEvent = {
  readonly id?: string
  readonly event?: string
  readonly data?: string
  readonly comment?: string
}

export type Connection = {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  /** Everything received until now. */
  readonly events: SentEvent[]
  /** The latest `id`, as an `EventSource` remembers it. */
  readonly lastId: () => string | undefined
  /** Resolves once there are so many events that are no comments, or the stream is over. */
  got(count: number): Promise<readonly SentEvent[]>
  /** Resolves when the stream is over, from whichever side. */
  readonly over: Promise<void>
  cut(): void
  /** Reads nothing from here on. */
  pause(): void
}

/** Connects as an `EventSource` does, and parses the stream by the rules of its specification. */
export function connect(
  url: string,
  { lastId, headers = {} }: { lastId?: string | undefined; headers?: Record<string, string> } = {},
): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>()
  const events: SentEvent[] = []
  let id = lastId
  let news = Promise.withResolvers<undefined>()
  const over = Promise.withResolvers<undefined>()
  let isOver = false
  const sent = request(
    url,
    {
      agent: false,
      headers: {
        accept: 'text/event-stream',
        ...(lastId !== undefined && { 'last-event-id': lastId }),
        ...headers,
      },
    },
    (response) => {
      let buffer = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        buffer += chunk
        const blocks = buffer.split('\n\n')
        buffer = blocks.pop() ?? ''
        for (const block of blocks) {
          const event = parse(block)
          id = event.id ?? id
          if (event.data !== undefined || event.comment !== undefined) events.push(event)
        }
        news.resolve(undefined)
        news = Promise.withResolvers()
      })
      const end = () => {
        isOver = true
        over.resolve(undefined)
        news.resolve(undefined)
      }
      response.on('close', end)
      response.on('error', end)
      const real = () => events.filter(({ data }) => data !== undefined)
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        events,
        lastId: () => id,
        got: async (count) => {
          while (real().length < count && !isOver) await news.promise
          return real().slice(0, count)
        },
        over: over.promise,
        cut: () => sent.destroy(),
        pause: () => response.pause(),
      })
    },
  )
  sent.on('error', reject)
  sent.end()
  return promise
}

function parse(block: string): SentEvent {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/u.exec(line) ?? []
    fields.set(name === '' ? 'comment' : name, value)
  }
  return Object.fromEntries(fields)
}
