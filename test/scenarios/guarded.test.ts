import type { CallJson } from '../../src/cli/call-record.ts'
import {
  disclosure,
  extraBackchannel,
  guardedGoodbye,
  guardedOpening,
  interruptedAgain,
  longOverDisclosure,
  unknownBackchannel,
  yesToQuestion,
  yesToStatement,
} from '../../src/simulator/scenarios/guarded.ts'
import { callsAtOnce } from '../helpers/calls-at-once.ts'
import { textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

const interrupted = (record: CallJson) =>
  record.transcript.flatMap(({ interrupted, text }) => (interrupted === true ? [text ?? ''] : []))

const calls = callsAtOnce([
  disclosure,
  longOverDisclosure,
  guardedOpening,
  guardedGoodbye,
  interruptedAgain,
  yesToQuestion,
  yesToStatement,
  unknownBackchannel,
])

describe('what must be said', () => {
  it('is heard to its end though the caller talks over it, and they are answered afterwards', () => {
    const { record, call, problems } = calls.of(disclosure)
    expect(problems).toEqual([])
    expect(interrupted(record)).toEqual([])
    expect(call.heardText()).toMatch(
      /^This call is made by an AI system, and it is recorded to improve our service\. Hi John.*work for you\? This is Alex, the AI assistant/,
    )
    expect(textsOf(record, 'caller')[0]).toBe('Who is this?')
    expect(record.end_reason).toBe('agent_hung_up')
  })

  it('guards nothing beyond it: who goes on talking is listened to', () => {
    const { record, call, problems } = calls.of(longOverDisclosure)
    expect(problems).toEqual([])
    const [first] = interrupted(record)
    expect(first).toMatch(/^This call is made .* improve our service\./)
    expect(first).not.toContain('work for you?')
    expect(call.heardText()).toContain('This is Alex, the AI assistant of Downtown Dental.')
    expect(textsOf(record, 'caller')[0]).toMatch(/^Sorry, I did not .*Who is this\?$/)
  })

  it('may be the whole opening', () => {
    const { record, call, problems } = calls.of(guardedOpening)
    expect(problems).toEqual([])
    expect(interrupted(record)).toEqual([])
    expect(call.heardText()).toMatch(/^Hi John.*work for you\? This is Alex, the AI assistant/)
    expect(textsOf(record, 'caller')[0]).toBe('Who is this?')
  })

  it('may be the goodbye: the call ends with it, and what was said over it is on record', () => {
    const { record, call, problems } = calls.of(guardedGoodbye)
    expect(problems).toEqual([])
    expect(interrupted(record)).toEqual([])
    expect(call.heardText()).toMatch(/Thank you, John\. Have a great day\. Goodbye!$/)
    expect(call.heardText()).not.toContain('Suite')
    expect(textsOf(record, 'caller')).toContain('Oh, which suite?')
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
  })
})

describe('a caller who cuts in', () => {
  it('again and again is answered every time, and the record has each cut where the ear had it', () => {
    const { record, call, problems } = calls.of(interruptedAgain)
    expect(problems).toEqual([])
    const cuts = interrupted(record)
    expect(cuts).toHaveLength(3)
    expect(cuts[0]).toMatch(/^Hi John/)
    expect(cuts[1]).toMatch(/^We are in/)
    expect(cuts[2]).toMatch(/^The second floor/)
    for (const lost of ['work for you', 'elevator is to your left', 'behind the door']) {
      expect(call.heardText()).not.toContain(lost)
    }
    expect(call.heardText()).toContain('Yes, there is one, to your left.')
  })

  it('with a “yes” to a question has answered it', () => {
    const { record, call, problems } = calls.of(yesToQuestion)
    expect(problems).toEqual([])
    expect(interrupted(record)[0]).toMatch(/work for you\?( If)?( it)?$/)
    expect(call.heardText()).toContain('Wonderful, Thursday at two it is.')
    expect(call.heardText()).not.toContain('Monday')
  })

  it('with a “yes” in the middle of an explanation has not', () => {
    const { record, call, problems } = calls.of(yesToStatement)
    expect(problems).toEqual([])
    expect(interrupted(record)).toEqual([])
    expect(call.heardText()).toContain('as you come in.')
    expect(textsOf(record, 'caller')).toContain('Yes.')
  })

  it('with a word that is no backchannel is answered', () => {
    const { record, call, problems } = calls.of(unknownBackchannel)
    expect(problems).toEqual([])
    expect(interrupted(record)[0]).toMatch(/^We are in the green building/)
    expect(call.heardText()).toContain('Excellent.')
    expect(call.heardText()).not.toContain('come in.')
  })
})

describe('a word that is configured as a backchannel', () => {
  const configured = callsAtOnce([extraBackchannel], {
    environment: { BACKCHANNELS: 'jawohl,passt' },
  })

  it('interrupts nobody', () => {
    const { record, call, problems } = configured.of(extraBackchannel)
    expect(problems).toEqual([])
    expect(interrupted(record)).toEqual([])
    expect(call.heardText()).toContain('as you come in.')
    expect(call.heardText()).not.toContain('Excellent.')
  })
})
