export type ClaudeKnobs = { firstTokenMs: number }
