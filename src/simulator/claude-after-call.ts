import type { ClaudeRequest } from './claude-request.ts'
import type { ClaudeToolCall } from './scenario.ts'

/** What a person says about when and how they want to be called. */
const PREFERENCE =
  /\b(call|ring|phone|reach|text) me\b|\b(prefer|rather|better|best|only)\b[^.?!]*\b(morning|afternoon|evening|noon|weekend|\w+day|o'clock|a\.?m|p\.?m)/i

/** What asks for another call. */
const AGAIN = /\b(another|different) (day|time|date)\b|\breschedul|\bcall (me )?(back|again)\b/i

type Reader = (told: string) => Readonly<Record<string, unknown>>

/** Forms that a model is made to fill in once a call is over, by the tools that they are the input of. */
const READERS: Readonly<Record<string, Reader>> = {
  remember_preferences: (told) => {
    const said = sentencesOf(told).filter((sentence) => PREFERENCE.test(sentence))
    const known = Array.from(
      between(told, 'known_before').matchAll(/^- (.+)$/gm),
      ([, text]) => text,
    )
    return { preferences: [...said.map((sentence) => `They said: ${sentence}`), ...known] }
  },
  decide_follow_up: (told) => {
    const wish = sentencesOf(told).find((sentence) => AGAIN.test(sentence))
    if (wish === undefined) return { action: 'report', reason: 'What the call was for is done.' }
    const [, other] = /,\s*(\+\d+)/.exec(between(told, 'numbers')) ?? []
    return {
      action: 'call',
      reason: `The person said: ${wish}`,
      purpose: `Arrange what was asked for: ${wish}`,
      ...(other !== undefined && { phone_number: other }),
    }
  },
}

/** What a reader makes of a call that is over, as far as rules go. Undefined: the request asks for no such form. */
export function readAfterCall(
  { tools = [] }: ClaudeRequest,
  told: string,
): ClaudeToolCall | undefined {
  for (const { name } of tools) {
    const reader = READERS[name]
    if (reader) return { name, input: reader(told) }
  }
  return undefined
}

/** What the person has said, sentence by sentence. */
function sentencesOf(told: string): string[] {
  const lines = Array.from(
    between(told, 'transcript').matchAll(/^(?:person|caller): (.+)$/gm),
    ([, text = '']) => text,
  )
  return lines.flatMap((line) => line.match(/[^.?!]+[.?!]*/g) ?? []).map((text) => text.trim())
}

function between(told: string, tag: string): string {
  return new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(told)?.[1] ?? ''
}
