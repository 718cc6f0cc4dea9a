import type { Clock } from '../../clock.ts'
import type { Meters } from '../../metrics/meters.ts'
import type { AuditLog } from '../audit.ts'
import type { DoNotCallList } from '../do-not-call.ts'
import { type CallingHours, isGoodTime, nextGoodTime } from './calling-hours.ts'
import { blockedError, type DialBlock } from './dial-block.ts'
import { type DialAsk, DialLimits, type DialLimitSettings, type DialPermit } from './dial-limits.ts'
import { checkNumber, type DialRules, isAllowedByPrefix } from './dial-rules.ts'
import type { TimeZones } from './time-zones.ts'

export type DialGuardParts = {
  readonly rules: DialRules
  readonly limits: DialLimitSettings
  /** Undefined: at any time. */
  readonly hours: CallingHours | undefined
  readonly timeZonesOf: TimeZones
  readonly doNotCall: Pick<DoNotCallList, 'has'>
  readonly audit: Pick<AuditLog, 'note'>
  readonly meters?: Pick<Meters, 'dialBlocked'>
  readonly clock: Clock
}

/** A call that somebody wants to have made. */
export type WantedDial = DialAsk & {
  /** Numbers that its agent may hand the person over to. */
  readonly transferTo?: readonly string[]
  /** Something else dials it, now or later. */
  readonly isRegistered?: boolean
}

/**
 * Whom Parley may ring, and when. Every dial goes through here before any carrier hears of it, whatever carries it: those of
 * the API with `admit`, and every number that reaches a carrier with `allow`.
 *
 * Inbound calls are nobody's dial.
 */
export class DialGuard {
  readonly limits: DialLimits
  readonly #parts: DialGuardParts
  /** What earlier processes have dialled is being read. */
  #recalled: Promise<unknown> = Promise.resolve()

  constructor(parts: DialGuardParts) {
    this.#parts = parts
    this.limits = new DialLimits(parts.limits, parts.clock)
  }

  /** Dials wait until what earlier processes have dialled is known; never rejects. */
  waitFor(recalled: Promise<void>): void {
    this.#recalled = recalled
  }

  /**
   * Asks for a dial, and counts it: the permit is given back by `cancel` or `over`.
   *
   * @throws {CallError} `dial_not_allowed`, `do_not_call`, `dial_not_now` or `dial_limit`; it says which rule and what to do
   */
  async admit(dial: WantedDial): Promise<DialPermit> {
    const { phoneNumber, owner, transferTo = [], isRegistered = false } = dial
    await this.#refuse(dial, await this.#ofNumber(phoneNumber))
    for (const [i, target] of transferTo.entries()) {
      const field = `transfer_to.${i}.phone_number`
      await this.#refuse({ phoneNumber: target, owner, field }, await this.#ofNumber(target))
    }
    await this.#refuse(dial, await this.#ofHours(phoneNumber))
    await this.#recalled
    // From here on nothing waits: two dials at the same moment must not both find the last place free.
    const block = this.limits.checkKey(owner) ?? this.#ofAttempts(dial)
    if (block) throw this.#blocked(dial, block)
    return this.limits.count(dial, { isLive: !isRegistered })
  }

  /**
   * Whether a number may be rung at all, at the last moment before a carrier is asked.
   *
   * @throws {CallError} `dial_not_allowed` or `do_not_call`
   */
  async allow(phoneNumber: string): Promise<void> {
    await this.#refuse({ phoneNumber, owner: undefined }, await this.#ofNumber(phoneNumber))
  }

  async #ofNumber(phoneNumber: string): Promise<DialBlock | undefined> {
    const block = checkNumber(phoneNumber, this.#parts.rules)
    if (block) return block
    if (!(await this.#parts.doNotCall.has(phoneNumber))) return undefined
    return {
      rule: 'do_not_call',
      message:
        'the person at this number does not want to be called; DELETE /api/phone/do-not-call/{number} takes it off the list',
    }
  }

  async #ofHours(phoneNumber: string): Promise<DialBlock | undefined> {
    const { hours, timeZonesOf, clock } = this.#parts
    if (!hours) return undefined
    const zones = await timeZonesOf(phoneNumber)
    const now = clock.date()
    if (isGoodTime(now, zones, hours)) return undefined
    const retryAt = nextGoodTime(now, zones, hours)
    return {
      rule: 'calling_hours',
      message:
        zones.length === 0
          ? 'it is not known what time it is where this number is, and the server keeps calling hours (CALLING_HOURS)'
          : 'it is not a time to ring this person, where they are (CALLING_HOURS, CALLING_DAYS): ask again at `retry_at`',
      // A number without a place of its own may have dozens.
      details: { time_zones: zones.slice(0, 5) },
      ...(retryAt && { retryAt }),
    }
  }

  #ofAttempts(dial: DialAsk): DialBlock | undefined {
    if (isAllowedByPrefix(dial.phoneNumber, this.#parts.rules)) return undefined
    return this.limits.checkCountry(dial) ?? this.limits.checkNumber(dial.phoneNumber)
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- rejects instead of throwing
  async #refuse(about: BlockedDial, block: DialBlock | undefined): Promise<void> {
    if (block) throw this.#blocked(about, block)
  }

  #blocked(about: BlockedDial, block: DialBlock) {
    const { meters, audit } = this.#parts
    meters?.dialBlocked(block.rule)
    audit.note({
      type: 'dial.blocked',
      key: about.owner,
      phoneNumber: about.phoneNumber,
      details: { rule: block.rule, ...(about.field !== undefined && { field: about.field }) },
    })
    return blockedError(block, about)
  }
}

type BlockedDial = DialAsk & { readonly field?: string }
