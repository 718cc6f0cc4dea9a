/** How Deepgram's stand-in behaves. Times named `…Ms` of audio pass with the audio it receives, the others by the clock. */
export type DeepgramKnobs = {
  /**
   * Flux: silence (audio) that ends a turn whose text ends like a sentence; both at its usual threshold of 0.7. It is surer
   * the longer the silence lasts, so a higher threshold takes longer.
   */
  endOfTurnMs: number
  /** Flux: silence (audio) that ends any other turn. */
  pauseMs: number
  /** Flux: silence (audio) that makes it send an eager end, when the client asked for those. */
  eagerMs: number
  /** Flux: an `Update` is sent every so much audio. */
  updateMs: number
  /** Flux: a `Configure` is carried out and answered so much later. */
  configureMs: number
  /** Nova: an interim result is sent every so much audio with words in it. */
  interimMs: number
  /** Nova: a result becomes final after so much audio, even if nobody stops speaking. */
  finalMs: number

  /** Every message is sent so much later. */
  latencyMs: number
  /** Finals of Nova and ends of turns of Flux are sent so much later still. */
  slowFinalMs: number

  /** Answers the upgrade with this HTTP status instead: 400, 401, 402, 403, 429 or 503. */
  refuseStatus: number | undefined
  /** Never answers the upgrade. */
  ignoreUpgrade: boolean
  /** Ends the connection after so much audio … */
  dropAfterMs: number
  /** … with this close code, or by cutting it. */
  dropWith: number | 'cut'
  /** Sends nothing more after so much audio; 0 withholds `Connected` as well. */
  stallAfterMs: number

  /** Voice: from a flush to the first of its audio. */
  speakFirstAudioMs: number
  /** Voice: how much faster than it plays the audio is sent. */
  speakRealTimeFactor: number
  /** Voice: answers the upgrade with this HTTP status instead. */
  refuseSpeakStatus: number | undefined
  /** Voice: cuts the connection after so much audio. */
  dropSpeakAfterBytes: number

  /** Nova: speech ends with an empty final after the one with the words. */
  emptySpeechFinal: boolean
  /** Nova: no final ever ends speech. */
  loseSpeechFinal: boolean
  /** Nova: `UtteranceEnd` comes before the final with the words. */
  utteranceEndFirst: boolean
  /** Nova: `SpeechStarted` comes twice. */
  repeatSpeechStarted: boolean
}

export const usualDeepgram: Readonly<DeepgramKnobs> = {
  endOfTurnMs: 260,
  pauseMs: 1000,
  eagerMs: 120,
  updateMs: 250,
  configureMs: 0,
  interimMs: 1000,
  finalMs: 4000,
  latencyMs: 0,
  slowFinalMs: 0,
  refuseStatus: undefined,
  ignoreUpgrade: false,
  dropAfterMs: Infinity,
  dropWith: 'cut',
  stallAfterMs: Infinity,
  speakFirstAudioMs: 150,
  speakRealTimeFactor: 20,
  refuseSpeakStatus: undefined,
  dropSpeakAfterBytes: Infinity,
  emptySpeechFinal: false,
  loseSpeechFinal: false,
  utteranceEndFirst: false,
  repeatSpeechStarted: false,
}
