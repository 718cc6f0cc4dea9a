import { describe, expect, it } from 'vitest'
import { estimateCost } from '../../src/calls/call-costs.ts'
import { pricesFrom } from '../../src/calls/prices.ts'
import { type CallRecord, newRecord } from '../../src/calls/record.ts'
import { ConfigError } from '../../src/errors.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'

const prices = pricesFrom(undefined)
const answeredAt = new Date('2026-11-21T10:00:00Z')

const asked = {
  callId: 'call_1',
  direction: 'outbound' as const,
  spec: { phoneNumber: '+15551234567', action: 'Confirm the appointment' },
  createdAt: answeredAt,
}

function call(seconds: number, about: Partial<CallRecord> = {}): CallRecord {
  return {
    ...newRecord({ ...asked, status: 'completed' }),
    answeredAt,
    endedAt: new Date(answeredAt.getTime() + seconds * 1000),
    ...about,
  }
}

const agent = (text: string, endMs = 1000): Turn => ({
  role: 'agent',
  text,
  interrupted: false,
  startMs: 0,
  endMs,
})

function line(record: CallRecord, item: string, usage?: Parameters<typeof estimateCost>[2]) {
  const found = estimateCost(record, prices, usage)?.lines.find((each) => each.item === item)
  if (!found) throw new Error(`no line ${item}`)
  return found
}

describe('what a call has cost', () => {
  it('is not known before it is over', () => {
    expect(estimateCost(call(60, { status: 'in_progress' }), prices)).toBeUndefined()
  })

  it('is nothing when nobody picked up', () => {
    const record = newRecord({ ...asked, status: 'no_answer' })
    expect(estimateCost(record, prices)).toEqual({ currency: 'USD', total: 0, lines: [] })
  })

  it.each([
    [0, 1],
    [1, 1],
    [60, 1],
    [60.001, 2],
    [119, 2],
  ])('counts a call of %s seconds as %s minutes at Twilio', (seconds, minutes) => {
    expect(line(call(seconds), 'voice')).toMatchObject({
      vendor: 'twilio',
      quantity: minutes,
      unit: 'minute',
      unitPrice: 0.014,
      amount: Math.round(minutes * 0.014 * 1e6) / 1e6,
    })
    expect(line(call(seconds), 'media_stream').quantity).toBe(minutes)
  })

  it('takes another price for calls that come in', () => {
    expect(line(call(30, { direction: 'inbound' }), 'voice').amount).toBe(0.0085)
  })

  it('counts seconds at Deepgram', () => {
    expect(line(call(90), 'speech_to_text')).toMatchObject({ quantity: 1.5, amount: 0.00975 })
  })

  it('counts two legs while the person talks with somebody else, and the agent does not listen', () => {
    const record = call(200, {
      transferredTo: 'the front desk',
      turns: [agent('One moment.', 50_000)],
    })
    expect(line(record, 'voice').quantity).toBe(4)
    expect(line(record, 'media_stream').quantity).toBe(1)
    expect(line(record, 'transfer').quantity).toBe(3)
    expect(line(record, 'speech_to_text').quantity).toBeCloseTo(50 / 60, 5)
  })

  it('counts the characters that were heard', () => {
    const turns: Turn[] = [
      agent('a'.repeat(400)),
      { role: 'caller', text: 'not spoken by us', startMs: 0, endMs: 1 },
      agent('😀'.repeat(100)),
    ]
    expect(line(call(60, { turns }), 'text_to_speech')).toMatchObject({
      quantity: 0.5,
      amount: 0.025,
    })
  })

  it('takes the tokens that were reported', () => {
    const usage = { inputTokens: 2000, cachedTokens: 100_000, outputTokens: 1000 }
    expect(line(call(60), 'input', usage)).toMatchObject({
      quantity: 0.002,
      amount: 0.0002,
      basedOn: 'tokens that Claude has reported',
    })
    expect(line(call(60), 'cached_input', usage).amount).toBe(0.001)
    expect(line(call(60), 'output', usage).amount).toBe(0.0005)
  })

  it('guesses tokens by the length of what was said, and of what the model was told', () => {
    const one = call(60, { turns: [agent('a'.repeat(400))] })
    const [input, output] = [line(one, 'input'), line(one, 'output')]
    expect(output.quantity).toBe(0.0001)
    expect(input.basedOn).toContain('characters')
    // The rules alone are longer than this.
    expect(input.quantity).toBeGreaterThan(0.001)
    expect(line(one, 'cached_input').quantity).toBe(0)

    const tool: Turn = {
      role: 'tool',
      id: 't1',
      name: 'find',
      input: { q: 'x' },
      result: 'r'.repeat(4000),
      startMs: 0,
      endMs: 1,
    }
    const more = call(60, { turns: [agent('a'.repeat(400)), tool, agent('b'.repeat(400))] })
    // The prompt is cached from the second request on; the result is read once more.
    expect(line(more, 'cached_input').quantity).toBeGreaterThan(2 * 0.001)
    expect(line(more, 'input').quantity - input.quantity).toBeGreaterThan(0.001)
    expect(line(more, 'output').quantity).toBeGreaterThan(0.0002)
    // A goodbye and the end of the call are one message.
    const bye = call(60, { turns: [agent('a'.repeat(400)), { ...tool, name: 'end_call' }] })
    expect(line(bye, 'cached_input').quantity).toBe(0)
  })

  it('adds up', () => {
    const { total, lines } = estimateCost(call(90, { turns: [agent('Hello.')] }), prices)!
    expect(lines).toHaveLength(7)
    expect(total).toBeCloseTo(
      lines.reduce((sum, { amount }) => sum + amount, 0),
      6,
    )
  })
})

describe('the price table', () => {
  it('may change some prices, and leaves the others', () => {
    const table = pricesFrom(
      '{"currency":"EUR","twilio":{"inbound_minute":0},"deepgram":{"minute":1}}',
    )
    expect(table).toEqual({
      ...prices,
      currency: 'EUR',
      twilio: { ...prices.twilio, inbound_minute: 0 },
      deepgram: { minute: 1 },
    })
  })

  it.each([
    ['{"deepgrm":{"minute":1}}', 'PRICES: '],
    ['{"deepgram":{"minutes":1}}', 'PRICES.deepgram: '],
    ['{"deepgram":{"minute":"1"}}', 'PRICES.deepgram.minute: '],
    ['{"deepgram":{"minute":-1}}', 'PRICES.deepgram.minute: '],
    ['{"currency":"Euro"}', 'PRICES.currency: three letters, such as USD'],
    ['0.5 cents', 'PRICES: must be JSON'],
  ])('refuses %s, and says where it is wrong', (json, problem) => {
    expect(() => pricesFrom(json)).toThrow(ConfigError)
    try {
      pricesFrom(json)
    } catch (error) {
      expect((error as ConfigError).problems[0]).toContain(problem)
    }
  })
})
