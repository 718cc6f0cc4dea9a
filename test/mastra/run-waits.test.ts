import { expect, it } from 'vitest'
import { type DueRun, RunWaits } from '../../src/mastra/run-waits.ts'
import { SteppingClock } from '../helpers/stepping-clock.ts'

const run = { runId: 'run_1', workflowId: 'w', key: 'k' }

function waits() {
  const clock = new SteppingClock()
  const due: DueRun[] = []
  const waits = new RunWaits(clock, (each) => {
    due.push(each)
  })
  const inMs = (ms: number) => ({
    until: new Date(clock.date().getTime() + ms).toISOString(),
    wait_ms: ms,
  })
  const call = { waiting_for: 'call' as const, call_id: 'call_1', ...inMs(60_000) }
  return { clock, due, waits, inMs, call }
}

it('a call that ends between a run’s last look at it and its suspension is not missed', () => {
  const { due, waits: runs, call } = waits()
  runs.callChanged('call_1')
  const mark = runs.mark()
  runs.add({ ...run, waiting: call }, mark)
  // What was before the look, the look has seen.
  expect(due).toEqual([])
  runs.callChanged('call_1')
  runs.drop('run_1')
  runs.add({ ...run, waiting: call }, mark)
  expect(due).toEqual([
    { ...run, data: {} },
    { ...run, data: {} },
  ])
})

it('a wait is over in its time, by the clock of this process or by that of the day', () => {
  const { clock, due, waits: runs, inMs, call } = waits()
  const waiting = { waiting_for: 'time' as const, ...inMs(30 * 86_400_000) }
  runs.add({ ...run, waiting }, runs.mark())
  runs.add({ ...run, runId: 'run_2', waiting: call }, 'now')
  // An earlier process has suspended it: its call may be over since.
  expect(due).toEqual([{ ...run, runId: 'run_2', data: {} }])
  clock.advance(60_000)
  expect(due.at(-1)).toEqual({ ...run, runId: 'run_2', data: { timed_out: true } })
  clock.advance(30 * 86_400_000 - 60_001)
  expect(due).toHaveLength(2)
  clock.advance(1)
  expect(due.at(-1)).toEqual({ ...run, data: {} })
  runs.add({ ...run, waiting }, runs.mark())
  runs.close()
  expect(clock.pending).toBe(0)
})
