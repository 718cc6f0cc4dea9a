import { describe, expect, it } from 'vitest'
import { waterfall } from '../../src/cli/waterfall.ts'

describe('waterfall', () => {
  it('shows each stage of a turn as long as it took', () => {
    expect(
      waterfall({
        reply: 2,
        kind: 'answer',
        speech_end_ms: 1000,
        turn_end_ms: 1250,
        first_text_ms: 1600,
        first_audio_ms: 1750,
        heard_ms: 1775,
      }),
    ).toBe(
      `turn 2    ${'░'.repeat(10)}${'▒'.repeat(14)}${'▓'.repeat(6)}█\n` +
        '          transcript 250 + first token 350 + first audio 150 + heard 25 = 775 ms',
    )
  })

  it('begins at the transcript when the end of speech is not known', () => {
    expect(
      waterfall({ reply: 2, kind: 'answer', turn_end_ms: 100, first_text_ms: 400, heard_ms: 500 }),
    ).toContain('transcript 0 + first token 300 + heard 100 = 400 ms')
  })

  it('tells how soon after the answer the opening was heard', () => {
    expect(waterfall({ reply: 1, kind: 'opening', first_audio_ms: 0.6, heard_ms: 18 })).toMatch(
      /sent 1 and heard 18 ms after it/,
    )
    expect(
      waterfall({ reply: 1, kind: 'opening', first_text_ms: -900, first_audio_ms: 1, heard_ms: 1 }),
    ).toBe('opening   first words ready 900 ms before the line was; sent 1 and heard 1 ms after it')
  })

  it('has nothing to show of a turn that was not heard', () => {
    expect(waterfall({ reply: 2, kind: 'answer', turn_end_ms: 5 })).toBeUndefined()
    expect(waterfall({ reply: 2, kind: 'apology', heard_ms: 5 })).toBeUndefined()
  })
})
