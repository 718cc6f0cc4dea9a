export type DeepgramKnobs = { endOfTurnMs: number }
