/** What may have gone wrong with a request that is tried again: an answer, no connection, no answer in time. */
export type RetryCause = '4xx' | '5xx' | 'ct' | 'rt'

/** How Twilio is to ask for a url: its fragment, which is neither sent nor signed (protocols/twilio.md §3.3). */
export type ConnectionOverrides = {
  readonly readTimeoutMs: number
  readonly totalTimeoutMs: number
  readonly retries: number
  readonly retryOn: ReadonlySet<RetryCause>
}

const CAUSES: readonly RetryCause[] = ['4xx', '5xx', 'ct', 'rt']
const LONGEST_MS = 15_000
const MOST_RETRIES = 5

/** Of what is absent, or out of its range, the default holds: one more try, and only when no connection was made. */
export function overridesOf(url: string): ConnectionOverrides {
  const [, fragment = ''] = url.split('#')
  const given = new URLSearchParams(fragment)
  const within = (name: string, [min, max]: readonly [number, number], otherwise: number) => {
    const text = given.get(name)
    const value = text === null ? NaN : Number(text)
    return value >= min && value <= max ? value : otherwise
  }
  const policy = given.get('rp')?.split(',') ?? ['ct']
  return {
    readTimeoutMs: within('rt', [100, LONGEST_MS], LONGEST_MS),
    totalTimeoutMs: within('tt', [100, LONGEST_MS], LONGEST_MS),
    retries: within('rc', [0, MOST_RETRIES], 1),
    retryOn: new Set(CAUSES.filter((cause) => policy.includes(cause) || policy.includes('all'))),
  }
}

/** Undefined: the answer is taken as it is. */
export function causeOfStatus(status: number): RetryCause | undefined {
  if (status >= 500) return '5xx'
  return status >= 400 ? '4xx' : undefined
}
