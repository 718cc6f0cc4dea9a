import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { runDemo } from '../../src/cli/demo-run.ts'
import { CallJson } from '../../src/cli/call-record.ts'
import { scenarioSource } from '../../src/cli/scenario-source.ts'
import { listenOnLoopback } from '../../src/simulator/loopback.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { atoms } from '../../src/simulator/scenarios/atoms.ts'
import { mastraFollowUp } from '../../src/simulator/scenarios/mastra-follow-up.ts'
import { busy } from '../../src/simulator/scenarios/unanswered.ts'
import { helloFirst } from '../../src/simulator/scenarios/hello-first.ts'
import { runNode } from '../helpers/node-process.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

const DEMO = fileURLToPath(new URL('../../src/cli/demo.ts', import.meta.url))

const demo = (...args: string[]) => runNode([DEMO, ...args])

/** Takes what this process prints. */
const ALONE = { concurrent: false } as const

/** The same without a process of its own: what it prints, and its exit code. */
async function played(scenario: Scenario, out: string, { json = false } = {}) {
  let output = ''
  const print = vi.spyOn(console, 'log').mockImplementation((line: string) => {
    output += `${line}\n`
  })
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text)
    return true
  })
  try {
    const code = await runDemo(scenario, { speed: 20, out, log: 'silent', json })
    return { code, output }
  } finally {
    print.mockRestore()
    write.mockRestore()
  }
}

describe('npm run demo', () => {
  it('makes a call, shows it, and leaves its record and sound', async () => {
    const out = await mkdtemp(join(tmpdir(), 'parley-demo-'))
    onTestFinished(() => rm(out, { recursive: true }))
    const { code, output } = await demo('--scenario', 'hello-first', '--speed', '20', '--out', out)
    expect(output).toMatch(/John\s+Hello\?/)
    expect(output).toMatch(/Alex\s+Hi John, this is Alex/)
    expect(output).toMatch(
      /transcript \d+ \+ first token \d+ \+ first audio \d+ \+ heard \d+ = \d+ ms/,
    )
    expect(output).toContain('Every word on record is the word that was heard')
    expect(code).toBe(0)
    const folder = join(out, 'hello-first')
    const record = CallJson.parse(JSON.parse(await readFile(join(folder, 'call.json'), 'utf8')))
    expect(record.status).toBe('completed')
    const wav = await readFile(join(folder, 'call.wav'))
    expect(wav.subarray(0, 4).toString()).toBe('RIFF')
    // Two channels, 8,000 samples a second, and some seconds of them.
    expect([wav.readUInt16LE(22), wav.readUInt32LE(24)]).toEqual([2, 8000])
    expect(wav.length).toBeGreaterThan(44 + 5 * 8000 * 4)
  })

  it('makes the call of a scenario file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'parley-demo-'))
    onTestFinished(() => rm(dir, { recursive: true }))
    const mine: Scenario = {
      ...helloFirst,
      name: 'mine',
      about: 'somebody hangs up at once',
      person: { answer: 'yes', does: [{ pause: 1500 }, { hangUp: true }] },
    }
    const file = join(dir, 'mine.ts')
    await writeFile(file, scenarioSource(mine, [], file))
    const { output } = await demo('--scenario-file', file, '--speed', '20', '--out', dir)
    expect(output).toContain('Scenario "mine": somebody hangs up at once.')
    const json: unknown = JSON.parse(await readFile(join(dir, 'mine', 'call.json'), 'utf8'))
    expect(CallJson.parse(json).status).toBe('completed')
    await writeFile(file, 'export const nothing = 1')
    const none = await demo('--scenario-file', file)
    expect(none.code).toBe(1)
    expect(none.output).toContain('mine.ts exports no scenario')
  })

  it('lists its scenarios and helps', async () => {
    const list = await demo('--list')
    expect(list.code).toBe(0)
    expect(list.output).toMatch(/^dentist +confirms a dentist appointment/)
    const help = await demo('--help')
    expect(help.code).toBe(0)
    expect(help.output).toContain('--serve')
  })

  it('says so when its port is taken', async () => {
    const taken = await listenOnLoopback(() => undefined)
    onTestFinished(() => taken.close())
    const { code, output } = await demo('--serve', '--port', String(taken.port))
    expect(code).toBe(1)
    expect(output).toContain('Something else listens on that port.')
  })

  it.each([
    [['--scenario', 'nonsense'], 'There is no scenario "nonsense". There are: dentist, '],
    [['--speed', 'fast'], '--speed takes a number above 0, not "fast"'],
    [['--port', '99999', '--serve'], '--port takes a number from 0 to 65535, not "99999"'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, output } = await demo(...args)
    expect(code).not.toBe(0)
    expect(output).toContain(message)
  })

  it(
    'carries out a workflow, and shows its steps and its calls',
    async () => {
      const out = await mkdtemp(join(tmpdir(), 'parley-demo-'))
      onTestFinished(() => rm(out, { recursive: true }))
      const { code, output } = await played(mastraFollowUp, out)
      expect(output).toContain('reach-person.await-call waits until the call is over')
      expect(output).toContain('reach-person.wait-for-turn waits for the time of the next attempt')
      expect(output).toMatch(/Maria\s+Friday is fine\./)
      expect(output).toMatch(/success, reached\ncall 1: busy\ncall 2: completed\nsummary: \w/)
      expect(output).toContain('Every word on record is the word that was heard')
      expect(code).toBe(0)
      const json: unknown = JSON.parse(
        await readFile(join(out, 'mastra-follow-up', 'call-2', 'call.json'), 'utf8'),
      )
      expect(CallJson.parse(json).status).toBe('completed')
    },
    ALONE,
  )

  it(
    'shows a call that another service carries, from its states to its webhooks',
    async () => {
      const out = await mkdtemp(join(tmpdir(), 'parley-demo-'))
      onTestFinished(() => rm(out, { recursive: true }))
      const { code, output } = await played(atoms, out)
      expect(output).toMatch(/ringing[^]*answered[^]*caller Oh hi\. Yes, Thursday works for me\./)
      expect(output).toMatch(/webhook +call\.answered, signed[^]*webhook +call\.outcome, signed/)
      expect(output).toContain(
        'in the cloud: pending → in_queue → in_progress → active → processing',
      )
      expect(output).toContain('Every word on record is the word of the service’s own transcript.')
      expect(code).toBe(0)
      const json: unknown = JSON.parse(await readFile(join(out, 'atoms', 'call.json'), 'utf8'))
      expect(CallJson.parse(json).status).toBe('completed')
    },
    ALONE,
  )

  it(
    'prints nothing but the record for other programs',
    async () => {
      const out = await mkdtemp(join(tmpdir(), 'parley-demo-'))
      onTestFinished(() => rm(out, { recursive: true }))
      const { code, output } = await played(busy, out, { json: true })
      const { call, problems } = JSON.parse(output) as { call: unknown; problems: unknown }
      expect(CallJson.parse(call).status).toBe('busy')
      expect(problems).toEqual([])
      expect(code).toBe(0)
    },
    ALONE,
  )
})
