import { dentist } from './dentist.ts'
import type { Scenario } from '../scenario.ts'

const broken = (
  name: string,
  number: string,
  about: string,
  vendors: NonNullable<Scenario['vendors']>,
): Scenario => ({
  ...dentist,
  name,
  about,
  call: { ...dentist.call, phone_number: number },
  vendors,
})

/** Nothing can be said: the call is taken back before anybody picks up. */
export const modelDown = broken(
  'model-down',
  '+12345678930',
  'Claude is overloaded: the call is taken back while it rings',
  { claude: { faults: [{ kind: 'status', status: 529, times: 99, warmUps: true }] } },
)

export const voiceDown = broken(
  'voice-down',
  '+12345678931',
  'ElevenLabs refuses the key: the call is taken back while it rings',
  { elevenlabs: { refuseStatus: 401 } },
)

/** The ears open when the call is answered, so the person is there and gets an apology. */
export const deaf = broken(
  'deaf',
  '+12345678932',
  'Deepgram refuses the key: the agent apologises and hangs up',
  { deepgram: { refuseStatus: 401 } },
)
