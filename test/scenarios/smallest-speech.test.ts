import { helloFirst } from '../../src/simulator/scenarios/hello-first.ts'
import {
  backchannel,
  interruptEarly,
  interruptLate,
} from '../../src/simulator/scenarios/interruptions.ts'
import { textsOf } from '../helpers/scenario-world.ts'
import { bySmallest } from '../helpers/smallest-calls.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('with Pulse’s ears and Waves’ voice, a caller', () => {
  it.each(['pcm_8000', 'pcm_24000', 'ulaw_8000'])(
    'who says hello first has a whole conversation in %s',
    async (format) => {
      const { record, call, problems } = await bySmallest(helloFirst, {
        WAVES_OUTPUT_FORMAT: format,
      })
      expect(problems).toEqual([])
      expect(textsOf(record, 'caller')).toEqual(['Hello?', 'Yes, Thursday works. Thank you, bye!'])
      expect(call.heardText()).toMatch(/^Hi John.*Goodbye!$/)
      expect(record.end_reason).toBe('agent_hung_up')
      expect(JSON.stringify(record['cost'])).toMatch(/"vendor":"smallest","item":"speech_to_text"/)
      expect(JSON.stringify(record['cost'])).not.toMatch(/elevenlabs|deepgram/)
    },
  )

  it('who interrupts early is on record where their ear was', async () => {
    const { record, call, problems } = await bySmallest(interruptEarly)
    expect(problems).toEqual([])
    expect(record.transcript[0]).toMatchObject({ role: 'agent', interrupted: true })
    expect(record.transcript[0]?.text?.split(' ').length).toBeLessThan(12)
    expect(call.heardText()).toContain('AI assistant of Downtown Dental')
  })

  it('who interrupts late has heard nothing after the cut', async () => {
    const { record, problems } = await bySmallest(interruptLate)
    expect(problems).toEqual([])
    const cut = record.transcript.find(({ interrupted }) => interrupted === true)
    expect(cut?.text).toMatch(/elevator is/)
    expect(cut?.text).not.toMatch(/come in/)
  })

  it('who only says “uh-huh” hears the answer to its end, made once', async () => {
    const { record, call, problems, smallest } = await bySmallest(backchannel)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain('as you come in.')
    expect(record.transcript.every(({ interrupted }) => interrupted !== true)).toBe(true)
    expect(smallest.spoken().join(' ').split('green building')).toHaveLength(2)
  })
})
