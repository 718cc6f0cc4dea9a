import { newSid, sendCallback, type TwilioAccount } from './twilio-account.ts'
import type { Action } from './twiml.ts'

/** What a call asks of Twilio's own recording. */
export type RecordingWanted = {
  readonly channels: 'mono' | 'dual'
  readonly callback: Action | undefined
  /** `in-progress`, `completed`, `absent` */
  readonly events: ReadonlySet<string>
}

/** Twilio tells when the recording of a call that was answered can be fetched. */
export async function reportRecording(
  account: TwilioAccount,
  wanted: RecordingWanted,
  call: {
    readonly callSid: string
    readonly durationS: number
    readonly failed: (url: string, reason: string) => void
  },
): Promise<void> {
  const { callback, channels, events } = wanted
  const status = call.durationS > 0 ? 'completed' : 'absent'
  if (!callback || !events.has(status)) return
  const { accountSid, publicHost } = account
  const recordingSid = newSid('RE')
  const params = {
    AccountSid: accountSid,
    CallSid: call.callSid,
    RecordingSid: recordingSid,
    RecordingUrl: `https://${publicHost}/2010-04-01/Accounts/${accountSid}/Recordings/${recordingSid}`,
    RecordingStatus: status,
    RecordingDuration: String(call.durationS),
    RecordingChannels: channels === 'dual' ? '2' : '1',
    RecordingTrack: 'both',
    RecordingSource: 'OutboundAPI',
  }
  await sendCallback(account, { ...callback, params }, (reason) => {
    call.failed(callback.url, reason)
  })
}
