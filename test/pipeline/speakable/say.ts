import { Speakable } from '../../../src/pipeline/speakable/speakable.ts'

/** What the voice is given for a whole reply that comes as one phrase. */
export function say(language: string, text: string): string {
  return new Speakable({ language })
    .phrase(text)
    .map(({ spoken }) => spoken)
    .join('')
}
