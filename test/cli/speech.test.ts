import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { wavFile } from '../../src/audio/wav.ts'
import { scaledClock } from '../../src/clock.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { runNode } from '../helpers/node-process.ts'

const PARLEY = fileURLToPath(new URL('../../src/cli/parley.ts', import.meta.url))

it('parley say writes a file in which parley transcribe hears the same, by every vendor', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-speech-'))
  const simulator = await startSimulator({ clock: scaledClock(4), scenarios: [dentist] })
  onTestFinished(async () => {
    await simulator.close()
    await rm(folder, { recursive: true })
    expect(simulator.violations.list).toEqual([])
  })
  const parley = async (args: readonly string[], environment: Record<string, string> = {}) => {
    const names = ['DEEPGRAM', 'ELEVENLABS', 'SMALLEST', 'WAVES']
    const ours = Object.entries(simulator.environment).filter(([name]) =>
      names.some((vendor) => name.startsWith(vendor)),
    )
    const env = { ...Object.fromEntries(ours), ...environment }
    const { code, output } = await runNode([PARLEY, ...args], { env, cwd: folder })
    return { code, output: output.trim() }
  }
  const roundTrip = async (mouth: string, ear: string) => {
    const file = join(folder, `${mouth}.wav`)
    const said = await parley(['say', 'Hi.', 'Bye.', '--out', file, '--provider', mouth])
    expect(said).toMatchObject({ code: 0 })
    expect(said.output).toContain(`${mouth}:`)
    const heard = await parley(['transcribe', file, '--provider', ear, '--json'])
    expect(heard).toMatchObject({ code: 0 })
    const { turns } = JSON.parse(heard.output) as { turns: string[] }
    expect(turns.join(' ')).toBe('Hi. Bye.')
  }
  const text = join(folder, 'notes.wav')
  await writeFile(text, 'no sound at all')
  const odd = join(folder, 'odd.wav')
  await writeFile(odd, wavFile({ sampleRateHz: 44_100, channels: [new Int16Array(9)] }))
  const refused = async (args: readonly string[], words: RegExp, environment = {}) => {
    const { code, output } = await parley(args, environment)
    expect([args[1], code]).toEqual([args[1], 2])
    expect(output).toMatch(words)
  }
  await Promise.all([
    roundTrip('elevenlabs', 'deepgram'),
    roundTrip('waves', 'pulse'),
    roundTrip('deepgram', 'deepgram'),
    refused(['say', '--out', 'x.wav'], /What is to be said/),
    refused(['say', 'Hello'], /--out FILE\.wav/),
    refused(['say', 'Hello', '--out', 'x.wav', '--provider', 'moose'], /no voice "moose"/),
    refused(['say', 'Hello', '--out', 'x.wav'], /ELEVENLABS_API_KEY is missing/, {
      ELEVENLABS_API_KEY: '',
    }),
    refused(['transcribe', text], /notes\.wav: this is no WAV file/),
    refused(['transcribe', odd], /44100 samples a second is not read/),
    refused(['transcribe', odd, '--provider', 'x'], /no ear "x"/),
    refused(['transcribe'], /Which file/),
  ])
  const away = await parley(['transcribe', join(folder, 'none.wav')])
  expect(away).toMatchObject({ code: 1 })
  expect(away.output).toContain('no such file')
})
