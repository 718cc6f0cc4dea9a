import { describe, expect, it } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { ProviderError, type ProviderErrorCode } from '../../src/errors.ts'
import { settled } from '../helpers/fake-ports.ts'
import { setUpCalls, spec } from '../helpers/fake-calls.ts'

const failure = (code: ProviderErrorCode, vendorCode?: string) =>
  new ProviderError('no answer', {
    provider: 'twilio',
    code,
    ...(vendorCode !== undefined && { vendorCode }),
  })

const fast = () => setUpCalls({ clock: scaledClock(200) })
const known = (callSid: string, ageMs = 0) => ({
  callSid,
  status: 'queued' as const,
  createdAt: new Date(Date.now() - ageMs),
})

describe('a number is rung once', () => {
  it.each(['timeout', 'unavailable', 'disconnected', 'protocol'] as const)(
    'when the answer is lost (%s): the call is found at the carrier, and goes on',
    async (code) => {
      const { calls, telephony, conversations } = fast()
      telephony.dialError = failure(code)
      telephony.known = [known('CA7'), known('CA1', 600_000)]
      expect(await calls.place(spec)).toMatchObject({ callSid: 'CA7', status: 'queued' })
      expect(telephony.dialled).toHaveLength(1)
      expect(conversations[0]?.did).toEqual(['start'])
    },
  )

  it('when the carrier’s reports name the call before it can be found', async () => {
    const { calls, telephony } = fast()
    telephony.dialError = failure('timeout')
    telephony.lookError = failure('unavailable')
    const placing = calls.place(spec)
    await settled()
    const { callId } = telephony.dialled[0]!
    calls.statusChanged({ callId, callSid: 'CA7', status: 'ringing' })
    expect(await placing).toMatchObject({ callSid: 'CA7', status: 'ringing' })
    expect(telephony.dialled).toHaveLength(1)
  })

  it('and given up when it is nowhere, or could be one of two', async () => {
    const { calls, telephony } = fast()
    telephony.dialError = failure('timeout')
    await expect(calls.place(spec)).rejects.toMatchObject({ code: 'dial_failed' })
    telephony.known = [known('CA7'), known('CA8')]
    await expect(calls.place(spec)).rejects.toMatchObject({ code: 'dial_failed' })
    expect(telephony.dialled).toHaveLength(2)
  })

  it('whoever picks up after it was given up is not kept, and a phone that rings is taken back', async () => {
    const { calls, telephony } = fast()
    telephony.dialError = failure('timeout')
    await expect(calls.place(spec)).rejects.toMatchObject({ code: 'dial_failed' })
    const { callId } = telephony.dialled[0]!
    const ringing = { callId, callSid: 'CA7', status: 'ringing' } as const
    calls.statusChanged(ringing)
    calls.statusChanged(ringing)
    expect(telephony.did.filter((did) => did.startsWith('hang up'))).toEqual(['hang up CA7'])
    const answer = calls.answered({ callId, callSid: 'CA7', from: '', direction: 'outbound' })
    expect(answer).toEqual({ refused: 'unwanted' })
  })

  it('again only when the carrier has not looked at the first request', async () => {
    const { calls, telephony } = fast()
    telephony.dialError = failure('rate_limited', '20429')
    await expect(calls.place(spec)).rejects.toMatchObject({ code: 'dial_failed' })
    expect(telephony.dialled).toHaveLength(2)
    expect(telephony.did).toEqual([])
  })

  it.each([
    ['is refused', failure('rejected', '21211')],
    ['may not be asked for', failure('auth', '20003')],
    ['was never asked for', failure('unavailable', 'ECONNREFUSED')],
  ])('and nothing is looked for when it %s', async (_name, error) => {
    const { calls, telephony } = fast()
    telephony.dialError = error
    await expect(calls.place(spec)).rejects.toThrow()
    expect(telephony.did).toEqual([])
    expect(telephony.dialled).toHaveLength(1)
  })
})
