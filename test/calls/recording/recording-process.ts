import { scaledClock } from '../../../src/clock.ts'
import { CallRecorder } from '../../../src/calls/recording/call-recorder.ts'
import { newPrivateSink } from '../../../src/calls/recording/private-sink.ts'
import type { Line } from '../../../src/pipeline/ports.ts'
import { FakeLine } from '../../helpers/fake-ports.ts'
import { noise } from './model-carrier.ts'

/** A process that records a call into the file named by its argument until it is killed; both sides never stop talking. */
const clock = scaledClock(2)
const recorder = new CallRecorder({
  open: () => newPrivateSink(process.argv[2] ?? ''),
  clock,
  onFailed: (error) => {
    throw error
  },
  onClosed: () => undefined,
})
let line: Line = new FakeLine()
const listener = recorder.tap(line, (tapped) => {
  line = tapped
  return {
    audio: () => undefined,
    mark: () => undefined,
    digit: () => undefined,
    closed: () => undefined,
  }
})
const startedAt = clock.now()
let frame = 0
clock.every(20, () => {
  for (; (frame + 1) * 20 <= clock.now() - startedAt; frame++) {
    listener.audio(noise(frame), frame * 20)
    line.send(noise(7))
  }
})
