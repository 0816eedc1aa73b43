// What an operator asks of /explain: a URL, a method, header lines. Reads it out of the query and says what is wrong
// with it; what the path itself would refuse of such a request is for the path to say (explain.ts).
import type { Scheme } from '../http/host.js'
import { isToken, trimSpace } from '../http/tokens.js'

/** One request that a client could send. */
export interface Question {
  /** As asked, without a fragment: no client sends one. */
  readonly url: string
  readonly method: string
  readonly scheme: Scheme
  /** Host and port as the URL has them. */
  readonly authority: string
  /** Path and query as the URL has them. */
  readonly target: string
  /** Flat list, names in lower case; without Host. */
  readonly fields: readonly string[]
}

/** Why a question cannot be answered. */
export interface Fault {
  /** A stable lower-case word. */
  readonly code: string
  readonly message: string
  readonly expected: string
}

export type Asked = { ok: true; question: Question } | { ok: false; fault: Fault }

/** More would not fit into a request head either. */
export const headersMax = 64
export const urlBytesMax = 16_384

const parameterNames = ['url', 'method', 'header', 'format']

const urlExpected = 'an absolute URL such as url=http://shop.example/path, percent-encoded as a whole'

/** Reads the query of /explain, without its `?`. Total: any text in, a question or a fault out. */
export function readQuestion(query: string): Asked {
  const parameters = parametersOf(query)
  const unknown = [...parameters.keys()].find(name => !parameterNames.includes(name))
  if (unknown !== undefined) return faulty(unknownParameter(unknown))
  const repeated = ['url', 'method'].find(name => parameters.getAll(name).length > 1)
  if (repeated !== undefined) {
    return faulty({ code: 'repeated', message: `${repeated} is given twice`, expected: `one ${repeated}` })
  }
  const method = parameters.get('method') ?? 'GET'
  if (!isToken(method)) {
    const expected = 'a token such as GET (RFC 9110 9.1)'
    return faulty({ code: 'method', message: `${shown(method)} is no method`, expected })
  }
  const fields = readFields(parameters.getAll('header'))
  if ('code' in fields) return faulty(fields)
  const parts = readUrl(parameters.get('url') ?? '')
  return 'code' in parts ? faulty(parts) : { ok: true, question: { ...parts, method, fields: fields.fields } }
}

/** A `+` means a space in forms only; a URL has no spaces, so there it is a plus that somebody pasted. */
export function parametersOf(query: string): URLSearchParams {
  return new URLSearchParams(query.replace(/(^|&)url=[^&]*/g, parameter => parameter.replaceAll('+', '%2B')))
}

function faulty(fault: Fault): Asked {
  return { ok: false, fault }
}

function unknownParameter(name: string): Fault {
  return {
    code: 'parameter',
    message: `${shown(name)} is not a parameter; in the URL asked about, & is written %26`,
    expected: `url, method, header (any number) and format; curl -G --data-urlencode url=... encodes for you`,
  }
}

function readUrl(url: string): Fault | Pick<Question, 'url' | 'scheme' | 'authority' | 'target'> {
  if (url === '') return { code: 'url-missing', message: 'there is no url', expected: urlExpected }
  if (url.length > urlBytesMax) {
    const message = `the url has ${url.length} characters`
    return { code: 'url-too-long', message, expected: `at most ${urlBytesMax} characters` }
  }
  if (/[^!-~]/.test(url)) {
    const message = 'the url has characters that no request target can have, such as a space'
    return { code: 'url-characters', message, expected: urlExpected }
  }
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^#]*)/.exec(url)
  if (parts === null) {
    return { code: 'url-relative', message: `${shown(url)} is not absolute`, expected: urlExpected }
  }
  const [, written, authority, rest] = parts
  const scheme = written.toLowerCase()
  if (scheme !== 'http' && scheme !== 'https') {
    return { code: 'url-scheme', message: `${written} is not served here`, expected: 'http:// or https://' }
  }
  if (authority === '') {
    return { code: 'url-host', message: 'the url has no host', expected: urlExpected }
  }
  const target = rest.startsWith('/') ? rest : `/${rest}`
  return { url: url.split('#', 1)[0], scheme, authority, target }
}

function readFields(lines: readonly string[]): Fault | { fields: string[] } {
  if (lines.length > headersMax) {
    const message = `there are ${lines.length} headers`
    return { code: 'headers-too-many', message, expected: `at most ${headersMax}` }
  }
  const fields: string[] = []
  for (const line of lines) {
    const fault = judgeLine(line)
    if (fault !== undefined) return fault
    const colon = line.indexOf(':')
    fields.push(line.slice(0, colon).toLowerCase(), trimSpace(line.slice(colon + 1)))
  }
  return { fields }
}

/** RFC 9112 5: no space before the colon, no control characters. */
function judgeLine(line: string): Fault | undefined {
  const colon = line.indexOf(':')
  const expected = 'header=Name: value, such as header=Accept-Encoding: gzip'
  if (colon === -1) return { code: 'header', message: `${shown(line)} has no colon`, expected }
  const name = line.slice(0, colon)
  if (!isToken(name)) return { code: 'header', message: `${shown(name)} is no field name`, expected }
  if (/[\0-\x08\n-\x1f\x7f]/.test(line)) {
    return { code: 'header', message: `${name} has a control character`, expected }
  }
  if (name.toLowerCase() !== 'host') return undefined
  return { code: 'header', message: 'Host is given by the url', expected: 'headers without Host' }
}

/** What was given, quoted, at a length that a line of an error has room for. */
function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)
}
