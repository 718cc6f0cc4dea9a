import type { Scenario } from '../scenario.ts'
import { dentist } from './dentist.ts'

/** A call that another service carries: nothing of it is on our lines, and all of it is on our record. */
export const atoms: Scenario = {
  ...dentist,
  name: 'atoms',
  about: 'a call that Atoms carries in its cloud: its states, its record, and the signed webhooks',
  call: { ...dentist.call, phone_number: '+12345678997', backend: 'atoms' },
  environment: {
    WEBHOOK_SECRET: `whsec_${Buffer.from('of a demo, 24 bytes long').toString('base64')}`,
  },
}
