/** What a tool makes the agent do once it has been heard to its end. */
export type AfterSpeaking = 'hang_up' | 'transfer' | 'keys' | 'listen'

const AFTER: Readonly<Record<string, AfterSpeaking>> = {
  end_call: 'hang_up',
  transfer_call: 'transfer',
  press_keys: 'keys',
  keep_listening: 'listen',
}

/** Undefined for a tool that is run while the agent speaks. */
export function afterSpeaking(toolName: string): AfterSpeaking | undefined {
  return AFTER[toolName]
}
