/** All that a server's environment must hold, for one that is put together and makes no call: no vendor is there, and nothing is kept. */
export const bareEnvironment = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'x',
  TWILIO_PHONE_NUMBER: '+15005550006',
  DEEPGRAM_API_KEY: 'x',
  ANTHROPIC_API_KEY: 'x',
  ELEVENLABS_API_KEY: 'x',
  ELEVENLABS_VOICE_ID: 'x',
  PUBLIC_HOST: 'calls.example.com',
  DATABASE_URL: 'file::memory:',
  STOCK_PHRASES: 'off',
}
