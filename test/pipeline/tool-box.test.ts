import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { HttpTool, HttpToolAnswer, HttpToolFailure } from '../../src/pipeline/http-tool.ts'
import { ToolBox } from '../../src/pipeline/tool-box.ts'
import { toolsFor } from '../../src/pipeline/tools.ts'
import { quiet } from '../helpers/fake-ports.ts'

const never = new AbortController().signal
const lookUp: HttpTool = {
  name: 'look_up',
  description: 'Looks up a day',
  inputSchema: {
    type: 'object',
    properties: { day: { type: 'string' } },
    required: ['day'],
  },
  url: 'https://tools.test/look-up',
  method: 'POST',
  headers: {},
  secretHeaders: {},
  timeoutMs: 10_000,
}

function boxOf(answer: HttpToolAnswer | undefined, tool: HttpTool = lookUp) {
  const asked: unknown[] = []
  const box = new ToolBox({
    definitions: toolsFor({
      direction: 'outbound',
      transferTargets: [{ name: 'Ann' }],
      httpTools: [tool],
    }),
    httpTools: [tool],
    runner: answer && {
      run: (asking, input) => {
        asked.push([asking.name, input])
        return Promise.resolve(answer)
      },
    },
    clock: systemClock,
    log: quiet,
  })
  const run = (input: unknown = { day: 'Friday' }) =>
    box.run({ id: '1', name: tool.name, input }, { signal: never })
  return { box, run, asked }
}

const text = (text: string, value: unknown = text): HttpToolAnswer => ({ ok: true, text, value })

describe('a tool call of the model', () => {
  const { box } = boxOf(undefined)

  it.each([
    ['look_up', { day: 'Friday' }],
    ['end_call', { reason: 'done' }],
    ['transfer_call', { to: 'Ann' }],
    ['press_keys', { keys: '1w2#' }],
    ['do_not_call_again', {}],
  ])('passes: %s %j', (name, input) => {
    expect(box.check({ name, input })).toEqual({ ok: true })
  })

  it.each([
    ['of a tool that does not exist', 'wire_money', {}, /no such tool/],
    ['of what every object has', 'constructor', {}, /no such tool/],
    ['without what is needed', 'look_up', {}, /arguments are wrong: must have "day"/],
    ['that is no object', 'look_up', ['Friday'], /must be an object/],
    ['that is nothing', 'look_up', null, /must be an object/],
    [
      'to a number that the caller has named',
      'transfer_call',
      { to: '+19005551234' },
      /one of "Ann"/,
    ],
    ['with keys that no phone has', 'press_keys', { keys: 'call 911' }, /keys must match pattern/],
    ['that is endless', 'look_up', { day: 'x'.repeat(30_000) }, /too long/],
  ])('is refused: %s', (_, name, input, result) => {
    expect(box.check({ name, input })).toEqual({ ok: false, result: expect.stringMatching(result) })
  })

  it('is refused when its schema cannot be used after all', () => {
    const broken = { ...lookUp, inputSchema: { type: 'object', pattern: '(' } as const }
    const { box } = boxOf(undefined, broken)
    expect(box.check({ name: 'look_up', input: {} })).toMatchObject({
      result: expect.stringContaining('cannot be used at all'),
    })
  })
})

describe('the answer of a tool', () => {
  it('reaches the model as it came', async () => {
    const { run, asked } = boxOf(text(' {"id": 12345678901234567890}\n', {}))
    expect(await run()).toBe('{"id": 12345678901234567890}')
    expect(asked).toEqual([['look_up', { day: 'Friday' }]])
  })

  it('is said to be none when it is empty', async () => {
    expect(await boxOf(text(' ')).run()).toBe('Done. The tool has given no answer.')
  })

  it('is cut where it is too long, between two characters', async () => {
    const result = await boxOf(text('😀'.repeat(3000))).run()
    expect(result.length).toBeLessThanOrEqual(4000)
    expect(result).toMatch(/… \(the rest is left out\)$/u)
    expect(result.isWellFormed()).toBe(true)
  })

  it('must be what the spec says', async () => {
    const tool = { ...lookUp, resultSchema: { type: 'object', required: ['free'] } }
    expect(await boxOf(text('{"free":true}', { free: true }), tool).run()).toBe('{"free":true}')
    expect(await boxOf(text('{"error":1}', { error: 1 }), tool).run()).toMatch(
      /^The tool failed: its answer is not what it should be\. Tell the person/,
    )
  })

  it.each<HttpToolFailure>([
    'timeout',
    'unreachable',
    'broken',
    'unreadable',
    'too_long',
    'aborted',
  ])('is a sentence about what nobody knows after: %s', async (failure) => {
    const result = await boxOf({ ok: false, failure }).run()
    expect(result).toMatch(/^The tool failed: .+ Tell the person that you cannot check this right/)
    expect(result).toMatch(/nobody knows whether it did/)
    expect(result).not.toContain('tools.test')
  })

  it.each<HttpToolFailure>(['rejected', 'busy', 'not_set_up'])(
    'leaves no doubt that nothing was done after: %s',
    async (failure) => {
      expect(await boxOf({ ok: false, failure }).run()).not.toMatch(/nobody knows/)
    },
  )

  it('is a sentence where nobody can run the tool', async () => {
    expect(await boxOf(undefined).run()).toMatch(/^The tool failed: it is not set up properly/)
  })

  it('is asked for without arguments when the model gave none', async () => {
    const { run, asked } = boxOf(text('ok'))
    await run(null)
    expect(asked).toEqual([['look_up', {}]])
  })
})
