import { pickUp, understand } from './telephone.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('a machine at the other end', () => {
  it('records what is said after its last beep, and nothing before', async () => {
    const line = pickUp(
      { say: 'Leave a message after the tone.' },
      { beep: 400 },
      { pause: 100_000 },
    )
    expect(line.person.leftMessage).toBe('')
    void line.agentSays('Hello, is')
    await expect.poll(() => line.words, { interval: 5 }).toContain('is')
    expect(line.person.leftMessage).toBe('')
    await expect.poll(() => line.frames.length, { timeout: 15_000 }).toBeGreaterThan(125)
    await line.agentSays('Please call back.', 100)
    line.hangUp()
    await line.done
    expect(line.person.leftMessage).toBe('Please call back.')
    expect(line.audio.ear.utterances.map(({ text }) => text).join(' ')).toContain('Hello, is')
    expect(understand(line.frames).replaceAll('\uFFFD', '')).toBe('Leave a message after the tone.')
  })

  it('keeps of a word that runs into the beep only what came after it', async () => {
    const line = pickUp({ beep: 500 }, { pause: 2500 }, { hangUp: true })
    void line.agentSays('Supercalifragilistic words')
    await line.done
    const message = line.person.leftMessage
    expect('Supercalifragilistic words'.endsWith(message)).toBe(true)
    expect(message).not.toBe('Supercalifragilistic words')
    expect(message).toMatch(/words$/)
  })

  it('holds the line with music, over and over, and is not taken for speech', async () => {
    const line = pickUp(
      { repeat: 2, do: [{ say: 'Please hold.' }, { music: 500 }] },
      { hangUp: true },
    )
    await line.done
    expect(line.said.map(({ text }) => text)).toEqual(['Please hold.', 'Please hold.'])
    expect(understand(line.frames).replaceAll('\uFFFD', '')).toBe('Please hold.Please hold.')
  })

  it.each([{ fax: 600 }, { sit: true }, { beep: 600, frequencyHz: 440 }] as const)(
    'makes sounds without words: %j',
    async (step) => {
      const line = pickUp(step, { hangUp: true })
      await line.done
      expect(line.frames.filter((frame) => frame).length).toBeGreaterThanOrEqual(28)
      expect(understand(line.frames)).toMatch(/^\uFFFD*$/)
      expect(line.person.said).toEqual([])
    },
  )
})

describe('keys from the other end', () => {
  it('are waited for by number, also when they came before', async () => {
    const line = pickUp(
      { pause: 300 },
      { hearKeys: { digits: 2 } },
      { say: 'Two.' },
      { hangUp: true },
    )
    line.person.hearKey('4')
    await line.clock.sleep(600)
    expect(line.said).toEqual([])
    line.person.hearKey('2')
    await line.done
    expect(line.said.map(({ text }) => text)).toEqual(['Two.'])
  })

  it('are waited for by pattern, and taken away to the end of what fits', async () => {
    const line = pickUp(
      { hearKeys: { digits: '1\\d*#' } },
      { say: 'One.' },
      { hearKeys: { digits: '^5' } },
      { say: 'Five.' },
      { hearKeys: { digits: 1 }, orMs: 400 },
      { hangUp: true },
    )
    for (const key of '9123#5') line.person.hearKey(key)
    await line.done
    expect(line.said.map(({ text }) => text)).toEqual(['One.', 'Five.'])
  })
})

describe('a wait', () => {
  it.each([
    { hear: 'end', orMs: 500 },
    { hear: { words: 1 }, orMs: 500 },
    { hear: { text: 'x' }, orMs: 500 },
    { hearKeys: { digits: 1 }, orMs: 500 },
  ] as const)('is given up after a while: %j', async (step) => {
    const line = pickUp(step, { say: 'Hello?' }, { hangUp: true })
    await line.done
    expect(line.person.said[0]!.startMs).toBeGreaterThanOrEqual(500)
    expect(line.person.said[0]!.startMs).toBeLessThan(10_000)
  })

  it('ends early when what it waits for happens', async () => {
    const line = pickUp({ hear: { words: 1 }, orMs: 60_000 }, { hangUp: true })
    await line.agentSays('Hi there')
    await line.done
    expect(line.nowMs()).toBeLessThan(20_000)
  })
})
