import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Circuits } from '../../../src/calls/circuits/circuits.ts'
import { VendorCircuit } from '../../../src/calls/circuits/vendor-circuit.ts'
import { systemClock } from '../../../src/clock.ts'
import { ProviderError, type ProviderErrorCode } from '../../../src/errors.ts'
import { quiet, settled } from '../../helpers/fake-ports.ts'
import { useFakeTimers } from '../../helpers/fake-timers.ts'

beforeEach(() => {
  useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const error = (code: ProviderErrorCode) =>
  new ProviderError('broken', { provider: 'anthropic', code })

function circuitOf(probe: (options: { signal: AbortSignal }) => Promise<void>) {
  return new VendorCircuit('anthropic', { probe, clock: systemClock, log: quiet })
}

const isDown = (): Promise<void> => Promise.reject(new Error('still down'))
const isWell = () => Promise.resolve()

async function after(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  await settled()
}

describe('what is known of a vendor', () => {
  it('is that it is broken when it has failed three times in a row', () => {
    const circuit = circuitOf(isDown)
    for (const code of ['unavailable', 'timeout'] as const) circuit.failed(error(code))
    circuit.succeeded()
    for (const code of ['unavailable', 'timeout'] as const) circuit.failed(error(code))
    expect(circuit.isOpen).toBe(false)
    circuit.failed(error('disconnected'))
    expect(circuit.isOpen).toBe(true)
  })

  it('is the same when half of what it was asked has failed', () => {
    const circuit = circuitOf(isDown)
    for (let i = 0; i < 4; i++) {
      circuit.failed(error('timeout'))
      circuit.succeeded()
    }
    circuit.failed(error('timeout'))
    expect(circuit.isOpen).toBe(false)
    circuit.failed(error('timeout'))
    expect(circuit.isOpen).toBe(true)
  })

  it.each(['auth', 'quota'] as const)(
    'is known at once when the account is refused: %s',
    (code) => {
      const circuit = circuitOf(isDown)
      circuit.failed(error(code))
      expect(circuit.position).toBe('open')
    },
  )

  it.each(['rejected', 'empty', 'call_over'] as const)(
    'does not suffer from what was our own fault: %s',
    (code) => {
      const circuit = circuitOf(isDown)
      for (let i = 0; i < 30; i++) circuit.failed(error(code))
      expect(circuit.isOpen).toBe(false)
    },
  )
})

describe('a vendor that is broken', () => {
  it('is asked by a probe, ever more seldom, until it is well again', async () => {
    const probe = vi.fn(isDown)
    const circuit = circuitOf(probe)
    circuit.failed(error('auth'))
    expect(circuit.retryAfterMs).toBe(5000)
    await after(4999)
    expect(probe).not.toHaveBeenCalled()
    await after(1)
    expect(probe).toHaveBeenCalledTimes(1)
    expect(circuit.position).toBe('open')
    expect(circuit.retryAfterMs).toBe(10_000)
    probe.mockImplementation(isWell)
    await after(10_000)
    expect(circuit.position).toBe('closed')
    expect(circuit.retryAfterMs).toBe(0)
    // What it did before it was broken is forgotten.
    for (let i = 0; i < 2; i++) circuit.failed(error('timeout'))
    expect(circuit.isOpen).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is asked once a minute at last', async () => {
    const probe = vi.fn(isDown)
    const circuit = circuitOf(probe)
    circuit.failed(error('auth'))
    await after(5000 + 10_000 + 20_000 + 40_000 + 60_000)
    expect(probe).toHaveBeenCalledTimes(5)
    expect(circuit.retryAfterMs).toBe(60_000)
    await circuit.close()
  })

  it('is not well when the probe is not answered', async () => {
    const circuit = circuitOf(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error)
          })
        }),
    )
    circuit.failed(error('quota'))
    await after(5000)
    expect(circuit.position).toBe('half_open')
    expect(circuit.isOpen).toBe(true)
    await after(5000)
    expect(circuit.position).toBe('open')
    await circuit.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is well when somebody who had no choice was served', async () => {
    const circuit = circuitOf(isDown)
    circuit.failed(error('quota'))
    circuit.succeeded()
    expect(circuit.position).toBe('closed')
    await after(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is asked by nobody once the server stops', async () => {
    const aborted = vi.fn()
    const circuit = circuitOf(async ({ signal }) => {
      await systemClock.sleep(3000, { signal }).catch(aborted)
      signal.throwIfAborted()
    })
    circuit.failed(error('quota'))
    await after(5000)
    await circuit.close()
    expect(aborted).toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the vendors of a call', () => {
  const circuits = () =>
    new Circuits({
      needs: { hearing: ['deepgram'], thinking: ['one', 'two'], speaking: ['elevenlabs'] },
      probes: { deepgram: isDown, one: isDown, two: isDown, elevenlabs: isDown },
      clock: systemClock,
      log: quiet,
    })

  it('can do without one for which another stands in', async () => {
    const all = circuits()
    expect(all.outage).toBeUndefined()
    all.of('one').failed(error('auth'))
    expect(all.outage).toBeUndefined()
    vi.advanceTimersByTime(1000)
    all.of('two').failed(error('auth'))
    expect(all.outage).toEqual({ vendor: 'one', retryAfterMs: 4000 })
    expect(Object.fromEntries(all.positions)).toEqual({
      deepgram: 'closed',
      one: 'open',
      two: 'open',
      elevenlabs: 'closed',
    })
    await all.close()
  })

  it('cannot do without the only one', async () => {
    const all = circuits()
    all.of('deepgram').failed(error('auth'))
    expect(all.outage).toMatchObject({ vendor: 'deepgram' })
    expect(() => all.of('nobody')).toThrow('no circuit')
    await all.close()
  })
})
