import type { ReplyPart } from './ports.ts'

/**
 * The rest of a reply that broke off, without the beginning that was said already: a model that is asked to go on may begin
 * again all the same. What it writes is held back only as long as it may be that.
 *
 * @param said what was said of the reply
 */
export async function* withoutRepetition(
  parts: AsyncIterable<ReplyPart>,
  said: string,
): AsyncGenerator<ReplyPart> {
  const before = squeezed(said)
  let held: string | undefined = ''
  for await (const part of parts) {
    if (held === undefined) {
      yield part
      continue
    }
    if (part.type === 'text') {
      held += part.text
      const written = squeezed(held)
      if (before.startsWith(written) && written.length < before.length) continue
      const rest: string = written.startsWith(before) ? after(held, before.length) : held
      held = undefined
      if (rest.trim() !== '') yield { type: 'text', text: rest }
      continue
    }
    // It stopped in the middle of what was said: there is nothing new in it.
    held = undefined
    yield part
  }
}

/** White space and case do not matter for knowing words again. */
function squeezed(text: string): string {
  return text.replaceAll(/\s+/gu, '').toLowerCase()
}

/** What follows so many characters that are not white space. */
function after(text: string, chars: number): string {
  let left = chars
  let end = 0
  for (const char of text) {
    if (left === 0) break
    if (char.trim() !== '') left -= char.toLowerCase().length
    end += char.length
  }
  return text.slice(end)
}
