// Requests that differ from a plain one by what may mean something to somebody, in one place or in several.
import { type Dice, mutate } from '../../support/mutate.js'
import { lines } from './attack-lines.js'
import { paths } from './attack-origin.js'

export interface Step {
  bytes: string
  /** A whole request that is sure to be answered. */
  isPlain: boolean
}

const hosts = [
  'keyed',
  'obeying',
  'secure',
  'sorted',
  'imaging',
  'learning',
  'used',
  'A',
  'a:80',
  'a:81',
  'a.',
  'unknown',
]
const codings = ['', 'gzip, br', 'br;q=1, *;q=0', 'gzip;q=0']
const queries = ['', '?', '?b=2&a=%2e?']
const ownCodings: Record<string, string[]> = { learning: ['', 'gzip, br, dcz', 'dcz'] }
const ownQueries: Record<string, string[]> = {
  sorted: ['', '?b=2&a=1', '?a=1&b=2', '?utm_source=x', '?a=1&utm_x=2&b=2'],
  imaging: ['', '?w=10', '?w=10&format=webp', '?format=auto'],
}

const targets: readonly ((target: string) => string)[] = [
  target => `/${target}`,
  target => `http://a${target}`,
  target => `https://keyed${target}`,
  target => `${target}#x`,
  target => target.replace('/', '/%2e/'),
  target => target.replace('/', '/./'),
  target => target.replace('/', '/x/../'),
  target => target.replace('/', '/%70'),
  target => target.replace(/^./, ''),
  target => `${target}\x7f`,
  target => `${target}\xc3\xa4`,
  target => `${target} `,
  target => ` ${target}`,
  target => `${target}\0`,
  target => `${target}?${'q'.repeat(9_000)}`,
  () => '*',
]
const methods = [
  'HEAD',
  'get',
  'Get',
  'GE',
  'GETT',
  'OPTIONS',
  'TRACE',
  'PURGE',
  'CONNECT',
  'G(T',
  '',
  ' GET',
  '\r\nGET',
  'HEAD ',
]
const versions = [
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'http/1.1',
  'HTTP/1.1 ',
  ' HTTP/1.1',
  'HTTP/1.1\t',
  '',
  'HTTP/1.',
]

export interface Asking {
  host: string
  target: string
  codings: string
}

/** All that may be asked for plainly. */
export const askings: readonly Asking[] = ['a', ...hosts].flatMap(host =>
  paths.flatMap(path =>
    (host === 'a' ? queries : (ownQueries[host] ?? [''])).flatMap(query =>
      (host === 'a' ? codings : (ownCodings[host] ?? codings.slice(0, 2))).map(coding => ({
        ...{ host, target: path + query, codings: coding },
      })),
    ),
  ),
)

export function askingOf(dice: Dice): Asking {
  return askings[dice.below(askings.length)]!
}

export function plainOf({ host, target, codings: coding }: Asking): string {
  return `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${coding && `Accept-Encoding: ${coding}\r\n`}\r\n`
}

/** The same question with something more, or less: what is not answered as it is by the path is answered wrongly. */
export function hostileOf(asking: Asking, dice: Dice): string {
  // While an answer is waited for whatever follows in the connection ends it, at one moment or another.
  const isAtHand = asking.host !== 'unknown' && !waiting.test(asking.target)
  return changed(asking, dice, isAtHand ? 10 : 7)
}

const waiting = /^\/(?:every|private|no-cache|short|stale|nothing)/

function changed(asking: Asking, dice: Dice, ways: number): string {
  const plain = plainOf(asking)
  const pick = <T>(list: readonly T[]): T => list[dice.below(list.length)]!
  switch (dice.below(ways)) {
    case 0:
      return plain.replace(asking.target, pick(targets)(asking.target))
    case 1:
      return plain.replace('GET', pick(methods))
    case 2:
      return plain.replace('HTTP/1.1', pick(versions))
    case 3:
      return withLine(withLine(plain, pick(lines), dice), pick(lines), dice)
    case 7:
      return mutate(plain, dice)
    case 8:
      return plain + changed(asking, dice, ways)
    case 9:
      return `${plain}${pick(['x', '\r\n', '\0', 'GET ', '0\r\n\r\n'])}`
    default:
      return withLine(plain, pick(lines), dice)
  }
}

/** Between two lines of the head. */
function withLine(bytes: string, line: string, dice: Dice): string {
  const parts = bytes.split('\r\n')
  const at = 1 + dice.below(Math.max(parts.length - 2, 1))
  return [...parts.slice(0, at), line, ...parts.slice(at)].join('\r\n')
}
