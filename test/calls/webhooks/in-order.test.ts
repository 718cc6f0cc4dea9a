import { expect, it } from 'vitest'
import { InOrder } from '../../../src/calls/webhooks/in-order.ts'

it('does one thing after the other for each key, and different keys side by side', async () => {
  const order = new InOrder()
  const gate = Promise.withResolvers<undefined>()
  const done: string[] = []
  const first = order.run('a', async () => {
    await gate.promise
    done.push('a1')
  })
  const second = order.run('a', () => {
    done.push('a2')
    return Promise.resolve('two')
  })
  await order.run('b', () => {
    done.push('b1')
    return Promise.resolve()
  })
  expect(done).toEqual(['b1'])
  gate.resolve(undefined)
  await first
  expect(await second).toBe('two')
  expect(done).toEqual(['b1', 'a1', 'a2'])
  await order.idle()
  expect(order.size).toBe(0)
})

it('goes on after a failure, of which the one who asked is told', async () => {
  const order = new InOrder()
  const failing = order.run('a', () => Promise.reject(new Error('no')))
  const next = order.run('a', () => Promise.resolve(1))
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe(1)
  await order.idle()
})
