import { pino } from 'pino'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { scaledClock } from '../../../src/clock.ts'
import { MindThread } from '../../../src/mastra/engine/mind-thread.ts'
import { collect } from '../../helpers/claude.ts'

const never = new AbortController().signal
const entry = new URL('./fragile-worker.ts', import.meta.url)

function fragile(apiKey = 'k') {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  const settings = { apiKey, baseUrl: 'http://127.0.0.1:1' }
  const thread = new MindThread({ settings, entry, clock: scaledClock(10), log })
  onTestFinished(() => thread.close())
  const ask = (model: string) =>
    collect(
      thread.reply(
        { model, maxTokens: 1, prompt: { rules: '', call: '' }, tools: [], messages: [] },
        { signal: never },
      ),
    )
  return { thread, ask, lines }
}

describe('the thread of Mastra’s agent', () => {
  it.each(['crash', 'exit'])(
    'that ends (%s) fails the replies it was at, and the next call has a new one',
    async (death) => {
      const { thread, ask, lines } = fragile()
      await thread.ready
      const failure = { provider: 'anthropic', code: 'unavailable', vendorCode: 'mastra_thread' }
      await expect(Promise.all([ask(death), ask('crash')])).rejects.toMatchObject(failure)
      // Nobody on the phone waits until it is up again.
      await expect(ask('fine')).rejects.toMatchObject(failure)
      await vi.waitFor(async () => {
        expect(await ask('fine')).toHaveLength(2)
      })
      expect(lines.join()).toContain('mastra thread ended')
      expect(lines.join()).not.toContain('what the person has said')
    },
  )

  it('that cannot be brought up says so', async () => {
    const { thread, ask } = fragile('start')
    await expect(thread.ready).rejects.toMatchObject({ vendorCode: 'mastra_thread' })
    await expect(ask('fine')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('that is closed stays down', async () => {
    const { thread, ask } = fragile()
    await thread.ready
    await thread.close()
    await expect(ask('fine')).rejects.toMatchObject({ code: 'unavailable' })
  })
})
