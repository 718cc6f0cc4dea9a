/**
 * A transcript as the cues of the answering rules expect it: lower case, no accents, no punctuation, single spaces. English
 * contractions are one word (`cant`, `youve`); elsewhere an apostrophe parts words (`l appel`).
 */
export function plainGreeting(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll(/['’ʼ`´](?=(?:t|s|re|ve|ll|d|m)\b)/gu, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** Of a text that is not empty. */
export function countWords(plain: string): number {
  return plain.split(' ').length
}
