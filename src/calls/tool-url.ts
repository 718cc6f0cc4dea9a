/** Whether a URL is one that a tool may be asked at: http or https, without user or password. */
export function isToolUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''
}
