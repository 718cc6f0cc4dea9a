import { ChannelHearing } from '../hearing/channel-hearing.ts'
import { HearingChannel, type HearingOptions } from './hearing-channel.ts'

export type StreamingSttOptions = HearingOptions

/** Hears one call with Deepgram, over one connection, and over a second one while the language is switched. */
export class StreamingStt extends ChannelHearing {
  constructor(options: StreamingSttOptions) {
    super({
      language: options.language,
      log: options.log,
      open: (language, owner) => new HearingChannel({ ...options, language }, owner),
    })
  }
}
