import { ChannelHearing } from '../hearing/channel-hearing.ts'
import { PulseChannel, type PulseOptions } from './pulse-channel.ts'

export type PulseSttOptions = PulseOptions

/** Hears one call with Pulse: a connection has one language, so there is a second one while it is switched. */
export class PulseStt extends ChannelHearing {
  constructor(options: PulseSttOptions) {
    super({
      language: options.language,
      log: options.log,
      open: (language, owner) => new PulseChannel({ ...options, language }, owner),
    })
  }
}
