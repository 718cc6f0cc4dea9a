import { z } from 'zod'
import { CLOSED_REASONS, type ClosedReason } from '../calls/admission.ts'
import type { CircuitPosition } from '../calls/circuits/vendor-circuit.ts'
import type { VendorState } from '../calls/vendor-health.ts'
import type { StoreState } from '../metrics/store-check.ts'
import { VERSION } from '../version.ts'

/** `warn`: calls are taken, but something failed the last time it was needed. */
const Status = z.enum(['pass', 'warn', 'fail'])

const Check = z.object({
  componentType: z.enum(['component', 'datastore', 'system']),
  observedValue: z.union([z.number(), z.string(), z.null()]),
  observedUnit: z.string().optional(),
  status: Status,
  time: z.iso.datetime(),
  output: z.string().optional(),
})
type Check = z.infer<typeof Check>

/**
 * A body of `application/health+json` (draft-inadarei-api-health-check-06), whose names are not ours to choose. Without a key
 * only `status` is there.
 */
export const Health = z
  .object({
    status: Status,
    version: z.string().optional(),
    serviceId: z.string().optional(),
    reasons: z.array(z.enum(CLOSED_REASONS)).optional(),
    checks: z.record(z.string(), z.array(Check)).optional(),
  })
  .meta({
    title: 'Health',
    description: 'Without an API key only `status` is told',
    examples: [
      {
        status: 'pass',
        version: VERSION,
        serviceId: 'parley',
        reasons: [],
        checks: {
          'calls:active': [
            {
              componentType: 'component',
              observedValue: 3,
              observedUnit: 'calls',
              status: 'pass',
              time: '2026-11-21T10:00:00.000Z',
            },
          ],
        },
      },
    ],
  })
export type Health = z.infer<typeof Health>

/** What is known of the server at one moment. */
export type Findings = {
  readonly at: Date
  readonly load: { readonly active: number; readonly max: number }
  readonly vendors: ReadonlyMap<string, VendorState>
  readonly reasons: readonly ClosedReason[]
  /** Absent while there is nothing of the kind. */
  readonly store: StoreState | undefined
  readonly outboxDepth: number | undefined
  readonly loopDelayMs: number | undefined
  /** What is known of each vendor. */
  readonly circuits: ReadonlyMap<string, CircuitPosition>
}

export function statusOf({ reasons, vendors, store, circuits }: Findings): Health['status'] {
  if (reasons.length > 0) return 'fail'
  const isBroken = Array.from(circuits.values()).some((position) => position !== 'closed')
  const isDoubtful = isBroken || Array.from(vendors.values()).some(hasFailedLast)
  return store?.ok === false || isDoubtful ? 'warn' : 'pass'
}

export function healthOf(findings: Findings): Health {
  return {
    status: statusOf(findings),
    version: VERSION,
    serviceId: 'parley',
    reasons: [...findings.reasons],
    checks: {
      ...ownChecks(findings),
      ...storeChecks(findings),
      ...vendorChecks(findings),
      ...circuitChecks(findings),
    },
  }
}

type Checks = Readonly<Record<string, Check[]>>

function ownChecks({ at, load, reasons, loopDelayMs }: Findings): Checks {
  const time = at.toISOString()
  const system = { componentType: 'system', status: 'pass', time } as const
  const isFull = reasons.includes('at_capacity')
  const calls = { componentType: 'component', observedUnit: 'calls', time } as const
  return {
    uptime: [{ ...system, observedValue: Math.round(process.uptime()), observedUnit: 's' }],
    'memory:resident': [
      {
        ...system,
        observedValue: process.memoryUsage.rss(),
        observedUnit: 'B',
        status: reasons.includes('low_memory') ? 'fail' : 'pass',
      },
    ],
    'calls:active': [{ ...calls, observedValue: load.active, status: isFull ? 'fail' : 'pass' }],
    'calls:capacity': [{ ...calls, observedValue: load.max, status: 'pass' }],
    ...(loopDelayMs !== undefined && {
      'loop:delayP99': [
        {
          ...system,
          observedValue: Math.round(loopDelayMs * 10) / 10,
          observedUnit: 'ms',
          status: reasons.includes('overloaded') ? 'fail' : 'pass',
        },
      ],
    }),
  }
}

function storeChecks({ at, store, outboxDepth, reasons }: Findings): Checks {
  const datastore = { componentType: 'datastore', status: 'pass', time: at.toISOString() } as const
  return {
    ...(store && {
      'store:responseTime': [
        {
          ...datastore,
          observedValue: store.pingMs === undefined ? null : Math.round(store.pingMs * 10) / 10,
          observedUnit: 'ms',
          status: reasons.includes('store_unavailable') ? 'fail' : store.ok ? 'pass' : 'warn',
          time: store.at.toISOString(),
        },
      ],
    }),
    ...(outboxDepth !== undefined && {
      'store:outbox': [{ ...datastore, observedValue: outboxDepth, observedUnit: 'records' }],
    }),
  }
}

/** Whether each vendor is known to be broken: `closed` is well. */
function circuitChecks({ at, circuits }: Findings): Checks {
  const time = at.toISOString()
  return Object.fromEntries(
    Array.from(circuits).map(([name, position]): [string, Check[]] => {
      const status = position === 'closed' ? 'pass' : 'warn'
      return [
        `${name}:circuit`,
        [{ componentType: 'component', observedValue: position, status, time }],
      ]
    }),
  )
}

/** When each vendor last did its part, and when it last failed; null: never since the start. */
function vendorChecks({ at, vendors }: Findings): Checks {
  const time = at.toISOString()
  return Object.fromEntries(
    Array.from(vendors).flatMap(([vendor, state]): [string, Check[]][] => {
      const { lastOkAt, lastError } = state
      const check = { componentType: 'component', observedUnit: 'time', time } as const
      const observedValue = lastOkAt?.toISOString() ?? null
      return [
        [`${vendor}:lastSuccess`, [{ ...check, observedValue, status: 'pass' }]],
        [
          `${vendor}:lastError`,
          [
            {
              ...check,
              observedValue: lastError?.at.toISOString() ?? null,
              status: hasFailedLast(state) ? 'warn' : 'pass',
              ...(lastError && { output: lastError.code }),
            },
          ],
        ],
      ]
    }),
  )
}

function hasFailedLast({ lastError, lastOkAt }: VendorState): boolean {
  return lastError !== undefined && (lastOkAt === undefined || lastOkAt < lastError.at)
}
