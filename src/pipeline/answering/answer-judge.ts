import type { AnsweredBy } from './answered-by.ts'

/** Judges greetings that no rule can place. */
export interface AnswerJudge {
  /**
   * Whose words these are. Undefined when it cannot tell, fails, is late or is aborted: the call goes on without; it never
   * throws.
   *
   * @param greeting what was said so far, a line for each turn
   */
  judge(greeting: string, options: { signal: AbortSignal }): Promise<AnsweredBy | undefined>
}
