/** What another Mastra app needs to make phone calls by a Parley server: `examples/mastra-app`. */
export { systemClock } from '../clock.ts'
export { createCallTools } from './call-tools.ts'
export { ParleyClient, ParleyError } from './parley-client.ts'
