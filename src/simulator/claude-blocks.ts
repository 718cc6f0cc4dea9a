import { type SimulatedReply, toolCallsOf } from './claude-reply.ts'

/** One content block of a streamed message: how it starts, and the pieces that follow. */
export type StreamBlock = { readonly start: object; readonly deltas: readonly Delta[] }

export type Delta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }

const THINKING: StreamBlock = {
  start: { type: 'thinking', thinking: '', signature: '' },
  // The API leaves the text of thoughts out unless asked for it; the signature always comes.
  deltas: [{ type: 'signature_delta', signature: 'c2lnbmF0dXJl' }],
}

export function replyBlocks(
  reply: SimulatedReply,
  options: { thinkingFirst: boolean; toolUseId: string },
): StreamBlock[] {
  const blocks = options.thinkingFirst ? [THINKING] : []
  if (reply.text.trim() !== '') {
    blocks.push({
      start: { type: 'text', text: '', citations: null },
      deltas: tokensOf(reply.text).map((text) => ({ type: 'text_delta', text })),
    })
  }
  toolCallsOf(reply).forEach(({ name, input }, i) => {
    const id = i === 0 ? options.toolUseId : `${options.toolUseId}_${i + 1}`
    blocks.push({
      start: { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } },
      deltas: ['', ...jsonPieces(JSON.stringify(input))].map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      })),
    })
  })
  return blocks
}

/** About the size of tokens: a space and up to six characters. */
function tokensOf(text: string): string[] {
  return text.match(/\s*\S{1,6}|\s+$/gu) ?? []
}

/** Pieces end anywhere, also inside names and strings; their lengths vary so as to hit every place. */
function jsonPieces(json: string): string[] {
  const chars = Array.from(json)
  const pieces: string[] = []
  for (let at = 0, size = 1; at < chars.length; at += size, size = (size % 7) + 2) {
    pieces.push(chars.slice(at, at + size).join(''))
  }
  return pieces
}

export function countDeltas(blocks: readonly StreamBlock[]): number {
  return blocks.reduce((sum, { deltas }) => sum + deltas.length, 0)
}

/** The first `count` pieces; a block that would have none of them is left out. */
export function cutBlocks(blocks: readonly StreamBlock[], count: number): StreamBlock[] {
  const kept: StreamBlock[] = []
  let left = count
  for (const { start, deltas } of blocks) {
    if (left <= 0) break
    kept.push({ start, deltas: deltas.slice(0, left) })
    left -= deltas.length
  }
  return kept
}

/** The blocks as the content of a message that is not streamed. */
export function contentOf(blocks: readonly StreamBlock[]): object[] {
  return blocks.map(({ start, deltas }) => {
    const joined = { text: '', json: '', signature: '' }
    for (const delta of deltas) {
      if (delta.type === 'text_delta') joined.text += delta.text
      if (delta.type === 'input_json_delta') joined.json += delta.partial_json
      if (delta.type === 'signature_delta') joined.signature += delta.signature
    }
    if (joined.json !== '') return { ...start, input: wholeOrNothing(joined.json) }
    return joined.signature === ''
      ? { ...start, text: joined.text }
      : { ...start, signature: joined.signature }
  })
}

/** An input that was cut at the model's limit comes as an empty one. */
function wholeOrNothing(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return {}
  }
}
