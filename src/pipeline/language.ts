/** The language of a BCP 47 tag without region or script: `de` of `de-DE`, in lower case. */
export function baseLanguage(tag: string): string {
  return tag.toLowerCase().split('-')[0] ?? ''
}
