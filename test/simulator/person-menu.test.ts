import type { Menu } from '../../src/simulator/scenario.ts'
import { pickUp, understand } from './telephone.ts'
import { describe, expect, it } from '../helpers/together.ts'

const menu: Menu = {
  say: 'For sales press one, for support press two.',
  timeoutMs: 3000,
  repeat: 2,
  options: {
    1: [{ say: 'Sales, hello.' }, { hangUp: true }],
    2: {
      say: 'For phones press one. For a person press zero.',
      timeoutMs: 1000,
      options: {
        0: {
          say: 'Enter the extension.',
          timeoutMs: 1000,
          invalid: 'No such extension.',
          options: {
            12: [{ say: 'Short.' }, { hangUp: true }],
            1234: [{ say: 'Support, this is Kim.' }, { hangUp: true }],
          },
        },
      },
    },
    '#': [{ say: 'Hash.' }, { hangUp: true }],
  },
}

type Line = ReturnType<typeof pickUp>

function press(line: Line, keys: string): void {
  for (const key of keys) line.person.hearKey(key)
}

const saysNow = (line: Line) => line.said.at(-1)?.text

async function begins(line: Line, text: string): Promise<void> {
  await expect.poll(() => saysNow(line), { interval: 5, timeout: 15_000 }).toContain(text)
}

describe('a menu', () => {
  it('leads a caller three levels down, to the person at an extension', async () => {
    const line = pickUp({ say: 'Welcome. ' }, { menu })
    await begins(line, 'For sales')
    press(line, '2')
    await begins(line, 'For phones')
    press(line, '0')
    await begins(line, 'Enter')
    press(line, '1234')
    await line.done
    expect(saysNow(line)).toBe('Support, this is Kim.')
    expect(line.said.map(({ text }) => text)).toHaveLength(5)
  })

  it('stops its prompt at a key, after the letter it is at, and reports what it said', async () => {
    const say = 'Listen carefully, because our menu has changed. '.repeat(8)
    const line = pickUp({ menu: { ...menu, say } })
    await begins(line, say)
    await line.clock.sleep(700)
    press(line, '1')
    await line.done
    line.audio.advance(line.nowMs() + 100)
    const [prompt, hello] = line.person.said
    expect(say.startsWith(prompt!.text)).toBe(true)
    expect(prompt!.text.length).toBeGreaterThan(4)
    expect(prompt!.text.length).toBeLessThan(say.length - 10)
    expect(hello!.text).toBe('Sales, hello.')
    expect(hello!.startMs - prompt!.endMs).toBeGreaterThanOrEqual(200)
    expect(understand(line.frames)).toBe(`${prompt!.text}Sales, hello.`)
  })

  it('begins again when no key comes, and hangs up in the end', async () => {
    const line = pickUp({ menu })
    await line.done
    expect(line.said.map(({ text }) => text)).toEqual([menu.say, menu.say])
    const [first, second] = line.person.said
    expect(second!.startMs - first!.endMs).toBeGreaterThanOrEqual(3000)
    expect(second!.startMs - first!.endMs).toBeLessThan(9000)
  })

  it('goes on with what comes after the last time, if anything does', async () => {
    const line = pickUp({
      menu: { ...menu, repeat: 1, otherwise: [{ say: 'An agent will be with you.' }] },
    })
    await line.done
    expect(saysNow(line)).toBe('An agent will be with you.')
    line.hangUp()
  })

  it('refuses a key that leads nowhere, and speaks again', async () => {
    const line = pickUp({ menu })
    await begins(line, 'For sales')
    press(line, '9')
    await begins(line, 'Sorry, that is not a valid choice.')
    await expect.poll(() => line.said.length, { timeout: 15_000 }).toBe(3)
    expect(saysNow(line)).toBe(menu.say)
    press(line, '1')
    await line.done
    expect(saysNow(line)).toBe('Sales, hello.')
  })

  it('takes keys that come ahead of its prompts, and then says nothing', async () => {
    const line = pickUp({ pause: 100 }, { menu })
    press(line, '201234')
    await line.done
    expect(line.said.map(({ text }) => text)).toEqual(['Support, this is Kim.'])
  })

  it.each([
    ['with a hash key', '2012#', 'Short.'],
    ['after a pause', '2012', 'Short.'],
    ['and does not know a part of a name', '201#', 'No such extension.'],
    ['and does not know a longer one', '2013', 'No such extension.'],
    ['where the hash key is a choice of its own', '#', 'Hash.'],
  ])('completes the keys of a name %s', async (_, keys, answer) => {
    const line = pickUp({ menu })
    press(line, keys)
    await begins(line, answer)
    line.hangUp()
    await line.done
  })

  it('ends with the call, whatever it is at', async () => {
    for (const afterMs of [100, 2000, 3500]) {
      const line = pickUp({ menu })
      await line.clock.sleep(afterMs)
      line.hangUp()
      await line.done
      expect(line.said.length).toBeLessThan(3)
    }
  })
})
