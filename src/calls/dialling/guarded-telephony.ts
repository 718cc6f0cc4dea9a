import type { DialRequest, Telephony, TransferRequest } from '../../pipeline/ports.ts'
import type { DialGuard } from './dial-guard.ts'

/** A carrier that rings nobody whom the guard does not let it ring, whoever asks and for whatever reason. */
export function guardedTelephony(carrier: Telephony, guard: Pick<DialGuard, 'allow'>): Telephony {
  return {
    dial: async (request: DialRequest, options: { signal?: AbortSignal }) => {
      await guard.allow(request.to)
      return carrier.dial(request, options)
    },
    transfer: async (callSid: string, request: TransferRequest) => {
      await guard.allow(request.to)
      return carrier.transfer(callSid, request)
    },
    hangUp: (callSid) => carrier.hangUp(callSid),
    sayAndHangUp: (callSid, text, language) => carrier.sayAndHangUp(callSid, text, language),
    pressKeys: (callSid, keys, token) => carrier.pressKeys(callSid, keys, token),
  }
}
