/** Of one event; the vendor's are some hundred kB of audio at most. */
const MAX_EVENT_CHARS = 4 * 1024 * 1024

/**
 * The `data` of server-sent events, in their order, out of a stream that is cut anywhere (WHATWG HTML, 9.2.6).
 *
 * @throws {RangeError} when an event has no end
 */
export async function* dataOfEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let data: string[] = []
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    // A line may end in CR and LF: one that ends in CR alone is not told from it before the next character is there.
    const lines = rest.split(/\r\n|\n|\r(?=[^\n])/)
    rest = lines.pop() ?? ''
    if (rest.length > MAX_EVENT_CHARS) throw new RangeError('a server-sent event without an end')
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n')
        data = []
      } else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''))
    }
  }
}
