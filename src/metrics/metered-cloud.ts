import { ProviderError } from '../errors.ts'
import type { CloudBackend } from '../pipeline/cloud-backend.ts'
import type { Meters } from './meters.ts'

/** What Atoms refuses because of what it was asked, such as a number: it is well. */
const NO_FAULT: ReadonlySet<string> = new Set(['call_over', 'rejected'])

/** The same service; what fails is counted. */
export function meteredCloud(
  backend: CloudBackend,
  meters: Pick<Meters, 'vendorFailed'>,
): CloudBackend {
  const counted = async <Result>(request: () => Promise<Result>): Promise<Result> => {
    try {
      return await request()
    } catch (error) {
      if (error instanceof ProviderError && !NO_FAULT.has(error.code)) {
        meters.vendorFailed(error.provider, { kind: 'rest', code: error.code })
      }
      throw error
    }
  }
  return {
    start: (request) => counted(() => backend.start(request)),
    look: (conversationId, options) => counted(() => backend.look(conversationId, options)),
    cancel: (conversationId) => counted(() => backend.cancel(conversationId)),
    // Nothing depends on it.
    follow: (conversationId, options) => backend.follow(conversationId, options),
  }
}
