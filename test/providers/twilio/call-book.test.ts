import { expect, it, onTestFinished } from 'vitest'
import { scaledClock } from '../../../src/clock.ts'
import { TwilioCallBook } from '../../../src/providers/twilio/call-book.ts'
import { TwilioTelephony } from '../../../src/providers/twilio/rest.ts'
import { startTwilio } from '../../../src/simulator/twilio.ts'
import { Violations } from '../../../src/simulator/violations.ts'

const ACCOUNT = `AC${'1'.repeat(32)}`
const TO = '+15551234567'

it('what Twilio knows of calls can be asked, also of those that it does not know', async () => {
  const clock = scaledClock(20)
  const twilio = await startTwilio({
    clock,
    violations: new Violations(),
    accountSid: ACCOUNT,
    authToken: 'token',
    publicHost: 'calls.example.com',
    serverUrl: 'http://127.0.0.1:1',
    personAt: () => ({ answer: 'busy', ringMs: 20_000, does: [] }),
  })
  onTestFinished(() => twilio.close())
  const account = {
    ...{ accountSid: ACCOUNT, authToken: 'token', publicHost: 'calls.example.com' },
    ...{ phoneNumber: '+15005550006', baseUrl: twilio.url },
  }
  const book = new TwilioCallBook(account, clock)
  const carrier = new TwilioTelephony(account, clock)
  const request = { callId: 'call_1', to: TO, maxDurationS: 60, ringTimeoutS: 60 }
  const { callSid } = await carrier.dial(request, {})

  expect(await book.look(`CA${'0'.repeat(32)}`)).toBeUndefined()
  const booked = await book.look(callSid)
  expect(booked).toMatchObject({ callSid, endedAt: undefined })
  expect(['queued', 'ringing']).toContain(booked?.status)
  expect(await book.dialled('+15550009999')).toEqual([])
  const [dialled] = await book.dialled(TO)
  expect(dialled?.callSid).toBe(callSid)
  expect(Math.abs(Date.now() - (dialled?.createdAt?.getTime() ?? 0))).toBeLessThan(60_000)

  await twilio.calls()[0]?.ended
  expect(await book.look(callSid)).toMatchObject({
    status: 'busy',
    endedAt: expect.any(Date) as Date,
  })
  await expect(book.reconnect(callSid, 'token')).rejects.toMatchObject({ code: 'call_over' })
  await twilio.close()
  await expect(book.look(callSid)).rejects.toMatchObject({ code: 'unavailable' })
  await expect(book.dialled(TO)).rejects.toMatchObject({ code: 'unavailable' })
})
