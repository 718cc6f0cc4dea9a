import { expect, it } from 'vitest'
import { Ear, type Voice, voice } from './voice.ts'

async function say({ tts }: Voice, text: string): Promise<string> {
  const ear = new Ear()
  const speech = tts.speak(ear)
  speech.sendText(text)
  speech.flush()
  const end = await ear.ended
  return end === 'done' ? 'done' : end.code
}

async function counted(options: Parameters<typeof voice>[0] = {}) {
  let reconnects = 0
  const onReconnect = () => {
    reconnects++
  }
  return { world: await voice({ ...options, onReconnect }), reconnects: () => reconnects }
}

it('a voice that lost its connection in the middle of a call has made one more', async () => {
  const { world, reconnects } = await counted({ knobs: { faults: [{ kind: 'cut' }] } })
  expect(await say(world, 'This is lost.')).toBe('disconnected')
  expect(reconnects()).toBe(0)
  expect(await say(world, 'This is heard.')).toBe('done')
  expect(await say(world, 'This, too.')).toBe('done')
  expect(reconnects()).toBe(1)
})

it('a call that goes well needs no second one', async () => {
  const { world, reconnects } = await counted()
  expect(await say(world, 'Good morning.')).toBe('done')
  expect(await say(world, 'Good bye.')).toBe('done')
  await world.tts.close()
  expect(reconnects()).toBe(0)
})

it('a connection for another language replaces one that was not lost', async () => {
  const { world, reconnects } = await counted({ language: 'en' })
  expect(await say(world, 'Good morning.')).toBe('done')
  world.tts.switchLanguage('de')
  expect(await say(world, 'Guten Morgen.')).toBe('done')
  expect(reconnects()).toBe(0)
})
