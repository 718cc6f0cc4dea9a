import { describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import { PromptCache } from '../../src/simulator/claude-cache.ts'
import type { ClaudeRequest } from '../../src/simulator/claude-request.ts'

const mark = { cache_control: { type: 'ephemeral' as const } }
const rules = 'r'.repeat(4000)
const user = (content: string) => ({ role: 'user' as const, content })
const assistant = (content: string) => ({ role: 'assistant' as const, content })

function request(changes: Partial<ClaudeRequest> = {}): ClaudeRequest {
  return {
    model: 'claude-haiku-5-5',
    max_tokens: 9,
    system: [{ type: 'text', text: rules, ...mark }],
    messages: [user('Hi')],
    ...changes,
  }
}

function cacheAt(time: { nowMs: number }): PromptCache {
  const clock: Clock = { ...systemClock, now: () => time.nowMs }
  return new PromptCache(clock)
}

describe('PromptCache', () => {
  it('reads what an earlier request has marked, and writes what this one marks', () => {
    const cache = cacheAt({ nowMs: 0 })
    const first = cache.account(request())
    expect(first.read).toBe(0)
    expect(first.written).toBeGreaterThan(1000)
    const second = cache.account(request({ messages: [user('Something else')] }))
    expect(second).toMatchObject({ read: first.written, written: 0 })
    expect(second.fresh).toBeGreaterThan(0)
  })

  it('moves the automatic mark along with the dialogue', () => {
    const cache = cacheAt({ nowMs: 0 })
    const first = cache.account(request({ ...mark, messages: [user('Hi')] }))
    const messages = [user('Hi'), assistant('Hello'), user('When?')]
    const second = cache.account(request({ ...mark, messages }))
    expect(second.read).toBe(first.written)
    expect(second.written).toBeGreaterThan(0)
    expect(second.fresh).toBe(0)
  })

  it('shares nothing between models, tools or prompts, and nothing unmarked', () => {
    const cache = cacheAt({ nowMs: 0 })
    cache.account(request())
    const tools = [{ name: 'a', input_schema: { type: 'object' as const } }]
    expect(cache.account(request({ model: 'claude-sonnet-5-5' })).read).toBe(0)
    expect(cache.account(request({ tools })).read).toBe(0)
    expect(cache.account(request({ system: `x${rules}` }))).toMatchObject({ read: 0, written: 0 })
  })

  it('does not cache a short prompt', () => {
    const cache = cacheAt({ nowMs: 0 })
    const short = { model: 'claude-haiku-5-5', max_tokens: 9, messages: [user('Hi')], ...mark }
    expect(cache.account(short)).toMatchObject({ read: 0, written: 0 })
    expect(cache.account(short)).toMatchObject({ read: 0, written: 0 })
  })

  it('forgets after five minutes without use', () => {
    const time = { nowMs: 0 }
    const cache = cacheAt(time)
    cache.account(request())
    time.nowMs = 290_000
    expect(cache.account(request()).read).toBeGreaterThan(0)
    time.nowMs = 580_000
    expect(cache.account(request()).read).toBeGreaterThan(0)
    time.nowMs = 900_000
    expect(cache.account(request()).read).toBe(0)
  })
})
