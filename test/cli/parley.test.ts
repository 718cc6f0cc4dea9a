import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { parseApiKeys } from '../../src/access/api-key.ts'
import { startDemoWorld } from '../../src/cli/demo-world.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { runNode } from '../helpers/node-process.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

const PARLEY = fileURLToPath(new URL('../../src/cli/parley.ts', import.meta.url))

function parley(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cwd = fileURLToPath(new URL('../fixtures', import.meta.url))
  return runNode([PARLEY, ...args], { env, cwd })
}

async function world() {
  const started = await startDemoWorld({
    scenarios: [dentist],
    clock: steadyClock(),
    log: pino({ level: 'silent' }),
  })
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}

describe('parley', () => {
  it('says what it can do', async () => {
    const { code, output } = await parley(['--help'])
    expect(code).toBe(0)
    const names = ['call', 'calls', 'show', 'tail', 'key', 'doctor', 'say', 'transcribe']
    const helpOf = async (name: string) => {
      expect(output).toMatch(new RegExp(`^  ${name} `, 'm'))
      const { code: helpCode, output: help } = await parley([name, '--help'])
      expect([name, helpCode]).toEqual([name, 0])
      expect(help.length).toBeGreaterThan(100)
    }
    await Promise.all([...names, 'replay', 'demo'].map(helpOf))
  })

  it('names the commands to somebody who mistypes one, and the options to one who guesses', async () => {
    const unknown = await parley(['cal'])
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.output).toContain('call, calls, show')
    const option = await parley(['calls', '--numbr', '+1'])
    expect(option.code).toBe(2)
    expect(option.output).toMatch(/numbr.*\n.*--help/)
  })

  it('makes a key that the server takes by its hash alone', async () => {
    const { code, output } = await parley(['key', 'crm', '--scopes', 'calls:read', '--json'])
    expect(code).toBe(0)
    const { key, entry } = JSON.parse(output) as { key: string; entry: string }
    expect(entry).not.toContain(key)
    expect(parseApiKeys([entry]).keys).toEqual(parseApiKeys([`crm:calls:read:${key}`]).keys)
    expect((await parley(['key', 'crm', '--scopes', 'all'])).code).toBe(2)
    expect((await parley(['key'])).code).toBe(2)
  })

  it('says how to start a server when none answers', async () => {
    const { code, output } = await parley(['calls', '--url', 'http://127.0.0.1:9'])
    expect(code).toBe(1)
    expect(output).toMatch(/no Parley answers at http:\/\/127.0.0.1:9: start one/)
  })

  it('places a call, follows it to its end, and shows it afterwards', async () => {
    const { url, simulator } = await world()
    const { phone_number: number, action, ...rest } = dentist.call
    const call = await parley(
      [
        'call',
        number,
        action,
        '--context',
        String(rest['context']),
        '--callee',
        'John',
        '--for',
        'Downtown Dental',
      ],
      { PARLEY_URL: url },
    )
    expect(call.output).toMatch(/agent\s+.*Downtown Dental/)
    expect(call.output).toMatch(/caller\s+Oh hi\. Yes, Thursday works for me\./)
    expect(call.output).toMatch(/completed, agent hung up/)
    expect(call.code).toBe(0)
    const list = await parley(['calls', '--url', url, '--json'])
    const { call_id: callId } = JSON.parse(list.output) as { call_id: string }
    const shown = await parley(['show', callId, '--url', url])
    expect(shown.output).toContain('Just one question. Which suite is it?')
    expect(shown.output).toMatch(/transcript \d+ \+ first token/)
    const tail = await parley(['tail', callId, '--url', url, '--json'])
    const types = tail.output
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type)
    expect(types[0]).toBe('call.created')
    expect(types).toContain('call.ended')
    expect(simulator.violations.list).toEqual([])
  })
})

describe('parley doctor', () => {
  it('finds everything well where it is', async () => {
    const { url, simulator } = await world()
    const { code, output } = await parley(['doctor', '--via', url], {
      ...simulator.environment,
      STT_FALLBACK: 'deepgram:nova-3, pulse:pulse',
    })
    expect(output.match(/^ok /gm)).toHaveLength(12)
    expect(output).toMatch(/^ok +ears deepgram:nova-3 +nova-3 hears en\nok +ears pulse:pulse /m)
    expect(output).not.toContain('FAIL')
    expect(code).toBe(0)
    const others = { STT_PROVIDER: 'pulse', TTS_PROVIDER: 'waves' }
    const smallest = await parley(['doctor', '--via', url], { ...simulator.environment, ...others })
    expect(smallest.output).toMatch(/^ok +pulse .*\n(.*\n)*ok +waves .*\nok +atoms /m)
    expect(smallest.output).not.toMatch(/deepgram|elevenlabs|FAIL/)
  })

  it('says of each thing that is not well what to do', async () => {
    const { url, simulator } = await world()
    const { code, output } = await parley(['doctor', '--via', url], {
      ...simulator.environment,
      TWILIO_AUTH_TOKEN: 'f'.repeat(32),
      DEEPGRAM_API_KEY: 'wrong',
      ANTHROPIC_MODEL: 'claude-nobody',
      ELEVENLABS_API_KEY: 'wrong',
    })
    expect(code).toBe(1)
    for (const name of [
      'twilio',
      'deepgram',
      'anthropic',
      'elevenlabs',
      'webhook signature',
      'media socket',
    ]) {
      expect(output).toMatch(new RegExp(`FAIL  ${name} .*\\n +→ `))
    }
    expect(output).toMatch(/ok {4}public address/)
    expect(output).not.toContain('f'.repeat(32))
  })

  it('lists every variable that is missing', async () => {
    const { code, output } = await parley(['doctor', '--json'])
    expect(code).toBe(1)
    const findings = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { detail: string })
    expect(findings.map(({ detail }) => detail).join('\n')).toMatch(
      /TWILIO_ACCOUNT_SID is missing[^]*ELEVENLABS_API_KEY is missing/,
    )
  })
})
