import { AuditLog } from './calls/audit.ts'
import type { CallStore } from './calls/call-store.ts'
import type { CallingHours } from './calls/dialling/calling-hours.ts'
import { DialGuard } from './calls/dialling/dial-guard.ts'
import { countryOf } from './calls/dialling/dial-rules.ts'
import { recallDials } from './calls/dialling/recall-dials.ts'
import { timeZonesOf } from './calls/dialling/time-zones.ts'
import { OnceOnly } from './calls/once-only.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import type { Meters } from './metrics/meters.ts'

export type Dialling = {
  readonly guard: DialGuard
  readonly audit: AuditLog
  readonly once: OnceOnly
}

/** Whom the server may ring, and the log of what was refused. */
export function composeDialling(
  config: Config,
  parts: {
    readonly store: CallStore
    readonly meters: Meters
    readonly clock: Clock
    readonly log: Logger
  },
): Dialling {
  const { store, meters, clock, log } = parts
  const audit = new AuditLog({ trail: store.audit, clock, log })
  const guard = new DialGuard({
    rules: {
      countries: countriesOf(config),
      deniedTypes: config.DIAL_DENIED_TYPES,
      allowedPrefixes: config.DIAL_ALLOWED_PREFIXES,
      deniedPrefixes: config.DIAL_DENIED_PREFIXES,
    },
    limits: {
      dialsPerSecond: config.KEY_DIALS_PER_SECOND,
      concurrentCalls: config.KEY_MAX_CALLS,
      callsPerHour: config.KEY_CALLS_PER_HOUR,
      minutesPerDay: config.KEY_MINUTES_PER_DAY,
      countriesPerDay: config.KEY_COUNTRIES_PER_DAY,
      numberCallsPerHour: config.NUMBER_CALLS_PER_HOUR,
      numberCallsPerDay: config.NUMBER_CALLS_PER_DAY,
    },
    hours: hoursOf(config),
    timeZonesOf,
    doNotCall: store.doNotCall,
    audit,
    meters,
    clock,
  })
  guard.waitFor(recallDials({ store, limits: guard.limits, clock, log }))
  return { guard, audit, once: new OnceOnly({ requests: store.requests, clock, log }) }
}

/** A number of ours that is of no country lets no country be rung. */
function countriesOf({ DIAL_COUNTRIES: countries, TWILIO_PHONE_NUMBER: own }: Config) {
  return countries.length > 0 ? countries : [countryOf(own) ?? []].flat()
}

function hoursOf({ CALLING_HOURS: hours, CALLING_DAYS: days }: Config): CallingHours | undefined {
  if (hours === undefined && days.length === 7) return undefined
  return { ...(hours ?? { fromMinute: 0, toMinute: 24 * 60 }), days }
}
