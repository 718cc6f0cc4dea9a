import type { TwilioAccount } from './twilio-account.ts'
import type { TwilioCall } from './twilio-call.ts'

/** How long it rings before somebody answers. */
const RING_MS = 1500

/** Dials a call that REST has created, lets it ring, and starts its TwiML when it is answered. */
export async function dial(account: TwilioAccount, call: TwilioCall): Promise<void> {
  try {
    await untilAnswered(account, call)
  } catch (error) {
    // Cancelled while it rang.
    if (!call.signal.aborted) throw error
  }
}

async function untilAnswered({ clock, knobs }: TwilioAccount, call: TwilioCall): Promise<void> {
  const { signal } = call
  const { person, timeoutS, queueTimeMs } = call.plan
  await clock.sleep(queueTimeMs, { signal })
  call.initiate()
  await clock.sleep(knobs.setupMs, { signal })
  if (person.answer === 'failed') {
    call.end('failed')
    return
  }
  call.ring()
  const timeoutMs = timeoutS * 1000
  // Nobody lets a phone ring for less than the carrier's timeout, unless the script says so.
  const ringMs = person.ringMs ?? (person.answer === 'no-answer' ? timeoutMs : RING_MS)
  await clock.sleep(Math.min(ringMs, timeoutMs), { signal })
  if (ringMs > timeoutMs || person.answer === 'no-answer') {
    call.end('no-answer')
  } else if (person.answer === 'busy') {
    call.end('busy')
  } else {
    call.answer()
    // The `answered` callback is on its way already: it and the voice webhook are not ordered.
    await clock.sleep(knobs.answeredLeadMs, { signal })
    await beginTwiml(call)
  }
}

async function beginTwiml(call: TwilioCall): Promise<void> {
  const { detection, sendDigits, source } = call.plan
  if (sendDigits !== undefined) await call.sendDigits(sendDigits)
  call.follow(source, detection ? await call.detectMachine(detection) : {})
}
