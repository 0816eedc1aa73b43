// Messages of origins for the parser of responses, and what it says of them.
import { EdgeError } from '../../../error.js'
import type { KnownAnswer, LineMask } from '../../../fetch/known-answer.js'
import { type Expected, ResponseParser } from '../../../fetch/response-parser.js'

export interface Asked extends Partial<Expected> {
  /** The origin closes at the end. */
  closes?: boolean
  /** Whether heads that are known are taken as such; absent: nobody asks. */
  takesKnown?: () => boolean
}

/** What the parser says of these pieces, in one line: pieces of a body are joined. */
export function said(
  pieces: readonly Buffer[],
  { closes = false, takesKnown, ...expected }: Asked = {},
): string {
  const words: string[] = []
  let body = ''
  let bytes = 0
  const told = (word: string): void => {
    if (body !== '') words.push(`body ${body}`)
    body = ''
    words.push(word)
  }
  const parser = new ResponseParser({
    onInterim: (status, fields) => told(`interim ${status} ${fields.join('|')}`),
    ...(takesKnown && {
      onKnownHead: known => {
        const takes = takesKnown()
        if (takes) told(`head ${known.status} ${fieldsOf(known).join('|')}`)
        return takes
      },
    }),
    onHead: (status, fields) => told(`head ${status} ${fields.join('|')}`),
    onBody: piece => {
      bytes += piece.length
      body += piece.toString('latin1')
    },
    onUpgrade: (fields, rest) => told(`upgrade ${fields.join('|')} ${rest.toString('latin1')}`),
    onEnd: isReusable => told(isReusable ? 'end, reusable' : 'end'),
  })
  parser.begin({ method: 'GET', isUpgrade: false, allowUnknownTransferCoding: false, ...expected })
  try {
    for (const piece of pieces) {
      // What was given may be overwritten as soon as the call returns.
      const copy = Buffer.from(piece)
      parser.push(copy)
      copy.fill(0)
    }
    if (closes) parser.close()
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error
    told(error.code)
  }
  if (body !== '') words.push(`body ${body}`)
  const given = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (bytes > given) throw new Error(`${bytes} bytes of body out of ${given}`)
  return words.join('; ')
}

/** Some lines of a known head, and what goes behind them. */
export function linesOf(known: KnownAnswer, mask: LineMask, behind: string): string {
  const last = Buffer.from(behind)
  const room = Buffer.alloc(known.roomBytes(last) + 3)
  return room.toString('latin1', 3, 3 + known.linesWith(mask, last, room, 3))
}

/** All that a known head says, as if it had been read. */
export function fieldsOf(known: KnownAnswer): string[] {
  const lines = linesOf(known, [0xffff_ffff, 0xffff_ffff], '')
  return lines
    .split('\r\n')
    .slice(0, -1)
    .flatMap(line => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)])
}

export const corpus: [row: string, text: string, expected: string, asked?: Asked][] = [
  [
    'a length',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'head 200 Content-Length|5; body hello; end, reusable',
  ],
  ['no body', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'head 200 Content-Length|0; end, reusable'],
  [
    'close',
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
    'head 200 Connection|close|Content-Length|1; body x; end',
  ],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', 'head 200 Content-Length|1; body x; end'],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n',
    'head 200 Transfer-Encoding|chunked; body abcde; end, reusable',
  ],
  [
    'to the close',
    'HTTP/1.1 200 OK\r\n\r\nuntil\r\n\r\nthe end',
    'head 200 ; body until\r\n\r\nthe end; end',
    { closes: true },
  ],
  ['nothing to the close', 'HTTP/1.1 200 OK\r\n\r\n', 'head 200 ; end', { closes: true }],
  [
    'HEAD',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
    'head 200 Content-Length|5; end, reusable',
    { method: 'HEAD' },
  ],
  ['HEAD without a length', 'HTTP/1.1 200 OK\r\n\r\n', 'head 200 ; end, reusable', { method: 'HEAD' }],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 'head 204 ; end, reusable'],
  [
    '304 with a length',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    'head 304 Content-Length|5; end, reusable',
  ],
  [
    'interim responses',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 X\r\n\r\n',
    'interim 103 Link|</a>; interim 100 ; head 204 ; end, reusable',
  ],
  ['an upgrade', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n', 'upgrade Upgrade|x ', { isUpgrade: true }],
  [
    'no upgrade',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
    'head 200 Content-Length|1; body x; end, reusable',
    { isUpgrade: true },
  ],
  ['101 unasked', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n', 'bad-response'],
  [
    'an unknown coding that is allowed',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\nabc',
    'head 200 Transfer-Encoding|x; body abc; end',
    { closes: true, allowUnknownTransferCoding: true },
  ],
  [
    'a short body',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell',
    'head 200 Content-Length|5; body hell; short-body',
    { closes: true },
  ],
  [
    'short chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab',
    'head 200 Transfer-Encoding|chunked; body ab; short-body',
    { closes: true },
  ],
  ['half a head', 'HTTP/1.1 200 OK\r\nContent-', 'origin-closed', { closes: true }],
  ['a bad status line', 'HTTP/1.1 2x0 OK\r\n\r\n', 'bad-response'],
  [
    'a bad chunk',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n',
    'head 200 Transfer-Encoding|chunked; bad-response',
  ],
  [
    'both',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'bad-response',
  ],
]
