/** What ElevenLabs says when it refuses something, in its own words. */
const SOCKET_MESSAGES = {
  authentication_required: 'A valid API key is required to use this endpoint.',
  voice_not_found: 'A voice with this id was not found.',
  unsupported_output_format: 'This stand-in speaks pcm_24000 and ulaw_8000 only.',
  unsupported_language: 'This model does not support the language_code that was given.',
  quota_exceeded: 'This request exceeds your quota limit.',
  system_busy: 'The system is experiencing heavy traffic, please try again.',
  max_active_conversations:
    'Maximum simultaneous contexts per WebSocket connection exceeded (5). Please close an existing context before opening a new one.',
  voice_settings_changed:
    'voice_settings field must be provided in the first message and then either be not provided or not change.',
  invalid_input_message:
    'Could not parse input message, make sure it is a json and follows the schema outlined in protocol.',
  input_message_json_decode_fail: 'Could not decode the input message as JSON.',
  input_timeout_exceeded:
    'Have not received a new text input within the timeout of {seconds} seconds. Streaming input terminated. Please make sure to either feed the input in the timely manner, or to send the end of input text (empty string "") when done.',
} as const

export type SocketErrorId = keyof typeof SOCKET_MESSAGES

/** 1008 also closes the socket after an error frame. */
export const POLICY_VIOLATION = 1008

export function socketError(id: SocketErrorId, seconds = 20) {
  const message: string = SOCKET_MESSAGES[id]
  return {
    message: message.replace('{seconds}', String(seconds)),
    error: id,
    code: POLICY_VIOLATION,
  }
}

/** A close frame has room for 123 bytes; the real service cuts its message there as well. */
export function closeReason(message: string): string {
  return message.slice(0, 123)
}

const HTTP_DETAILS: Readonly<Record<number, unknown>> = {
  401: { status: 'invalid_api_key', message: 'Invalid API key' },
  402: { status: 'quota_exceeded', message: SOCKET_MESSAGES.quota_exceeded },
  403: { status: 'only_for_creator+', message: 'This feature needs a larger plan.' },
  404: { status: 'voice_not_found', message: SOCKET_MESSAGES.voice_not_found },
  422: [{ loc: ['query', 'output_format'], msg: 'value is not valid', type: 'value_error' }],
  429: { status: 'too_many_concurrent_requests', message: 'Too many concurrent requests.' },
}

/** The body of a refused request. What is refused before the service sees it has a body of the gateway's own. */
export function refusalBody(status: number): string {
  const detail = HTTP_DETAILS[status]
  return detail === undefined ? 'upstream connect error' : JSON.stringify({ detail })
}
