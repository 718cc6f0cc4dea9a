import { expect, it } from 'vitest'
import { RunLogs } from '../../src/mastra/run-log.ts'
import { SteppingClock } from '../helpers/stepping-clock.ts'

const state = () => Promise.resolve({ status: 'running' })

function log() {
  const clock = new SteppingClock()
  const logs = new RunLogs(clock)
  const stop = new AbortController()
  const follow = (after: number) => logs.follow('run_1', { after, signal: stop.signal, state })
  return { clock, logs, stop, follow }
}

it('a follower who comes back is told what is new, once, and hears of a quiet run that it is there', async () => {
  const { clock, logs, stop, follow } = log()
  logs.begin('run_1')
  logs.add('run_1', 'a', {})
  logs.add('run_1', 'b', {})
  const first = await follow(0).next()
  if (first.done === true) throw new Error('nothing was told')
  expect(first.value).toMatchObject({ event: { type: 'a' } })
  const later = follow(first.value.event?.id ?? 0)
  expect((await later.next()).value).toMatchObject({ event: { type: 'b' } })
  const quiet = later.next()
  await Promise.resolve()
  clock.advance(15_000)
  expect((await quiet).value).toEqual({ comment: 'still here' })
  const news = later.next()
  logs.add('run_1', 'c', {})
  expect((await news).value).toMatchObject({ event: { type: 'c' } })
  const none = later.next()
  stop.abort()
  expect(await none).toEqual({ done: true, value: undefined })
})

it('of a run too long for memory, the whole is shown in place of what was left out', async () => {
  const { logs, follow } = log()
  logs.begin('run_1')
  for (let i = 0; i < 1500; i++) logs.add('run_1', 'step', i)
  logs.end('run_1')
  const items = await Array.fromAsync(follow(0))
  expect(items).toMatchObject([{ event: { type: 'run', data: { status: 'running' } } }])
  const lastId = items[0]?.event?.id ?? 0
  expect(logs.isTold('run_1', lastId)).toBe(true)
  expect(await Array.fromAsync(follow(lastId - 1))).toMatchObject([{ event: { data: 1499 } }])
})
