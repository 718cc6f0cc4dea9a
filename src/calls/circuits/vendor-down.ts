import { CallError } from '../../errors.ts'
import type { Outage } from './circuits.ts'

/** Nobody is rung who could not be talked with. */
export function vendorDown({ vendor, retryAfterMs }: Outage): CallError {
  return new CallError(`${vendor} is known to be broken, and nothing stands in for it`, {
    code: 'vendor_down',
    details: { vendor, retry_after_s: Math.max(1, Math.ceil(retryAfterMs / 1000)) },
  })
}
