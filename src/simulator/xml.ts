export type XmlElement = {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** All text directly inside the element, without blanks at its ends. */
  readonly text: string
}

/** The document is not well-formed XML, or not the kind that TwiML may be. */
export class XmlError extends Error {
  override readonly name = 'XmlError'
}

const NAME = /[A-Za-z_:][\w:.-]*/y
const BLANKS = /\s*/y
/** Declaration, processing instruction, comment. */
const IGNORED = /<\?[\s\S]*?\?>|<!--[\s\S]*?-->/y
const CDATA = /<!\[CDATA\[([\s\S]*?)\]\]>/y
const TEXT = /[^<]+/y
const ATTRIBUTE = /\s+([A-Za-z_:][\w:.-]*)\s*=\s*("[^"<]*"|'[^'<]*')/y
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Parses a document as strictly as TwiML is read: it must begin at the first byte and end with its root. */
export function parseXml(source: string): XmlElement {
  return new XmlParser(source).document()
}

class XmlParser {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  document(): XmlElement {
    if (!this.#source.startsWith('<'))
      throw new XmlError('does not begin with "<" at its first byte')
    this.#skipIgnored()
    const root = this.#element()
    this.#skipIgnored()
    if (this.#at < this.#source.length) throw new XmlError('goes on after its root element')
    return root
  }

  #element(): XmlElement {
    this.#expect('<')
    const name = this.#take(NAME)?.[0]
    if (name === undefined) throw this.#error('an element name')
    const attributes = this.#attributes()
    this.#take(BLANKS)
    if (this.#skip('/>')) return { name, attributes, children: [], text: '' }
    this.#expect('>')
    const { children, text } = this.#content()
    this.#expect(`</${name}`)
    this.#take(BLANKS)
    this.#expect('>')
    return { name, attributes, children, text: text.trim() }
  }

  #attributes(): Map<string, string> {
    const attributes = new Map<string, string>()
    for (let match = this.#take(ATTRIBUTE); match; match = this.#take(ATTRIBUTE)) {
      const [, name = '', quoted = ''] = match
      if (attributes.has(name)) throw new XmlError(`attribute ${name} is there twice`)
      attributes.set(name, decode(quoted.slice(1, -1)))
    }
    return attributes
  }

  #content(): { children: XmlElement[]; text: string } {
    const children: XmlElement[] = []
    let text = ''
    for (;;) {
      const plain = this.#take(TEXT)
      const cdata = plain ? undefined : this.#take(CDATA)
      if (plain) text += decode(plain[0])
      else if (cdata) text += cdata[1] ?? ''
      else if (this.#take(IGNORED)) continue
      else if (this.#source.startsWith('</', this.#at)) return { children, text }
      else children.push(this.#element())
    }
  }

  #skipIgnored(): void {
    do this.#take(BLANKS)
    while (this.#take(IGNORED))
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (!match) return undefined
    this.#at = pattern.lastIndex
    return match
  }

  #skip(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #expect(text: string): void {
    if (!this.#skip(text)) throw this.#error(`"${text}"`)
  }

  #error(expected: string): XmlError {
    return new XmlError(`${expected} expected at character ${this.#at}`)
  }
}

function decode(text: string): string {
  return text.replace(/&([^;\s]*;?)/g, (whole, entity: string) => {
    const name = entity.slice(0, -1)
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name)
    const code = number?.[1] ? parseInt(number[1], 16) : Number(number?.[2] ?? NaN)
    const character = code <= 0x10ffff ? String.fromCodePoint(code) : NAMED[name]
    if (!entity.endsWith(';') || character === undefined) throw new XmlError(`bad entity ${whole}`)
    return character
  })
}
