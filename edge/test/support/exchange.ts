// Exchanges for tests of single stages: as accept/ leaves them, without an engine behind. The responder only notes
// what it is told.
import { parseConfigValue } from '../../../config/parse.js'
import type { SiteConfig } from '../../../config/settings.js'
import { buildSites, type Site } from '../../accept/sites.js'
import type { Upload } from '../../accept/upload.js'
import { type Exchange, Mark } from '../../exchange.js'
import { isNamed } from '../../http/fields.js'
import { framing } from '../../http/framing.js'
import type { Head, Responder, ResponderState } from '../../respond/responder.js'

/** The parsed config of one site with these settings over the smallest ones. */
export function siteConfig(settings: Record<string, unknown> = {}): SiteConfig {
  const site = { name: 'play', hosts: ['*'], origins: ['http://127.0.0.1:9'], ...settings }
  const parsed = parseConfigValue({ listen: [{ port: 0 }], sites: [site] })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.config.sites[0]
}

/** A site in force; its pools connect to nobody until they are used. */
export function siteOf(settings: Record<string, unknown> = {}): Site {
  return buildSites([siteConfig(settings)]).list[0]
}

/** One exchange. Host, framing and marks are those of `fields`, as accept/read would have noted them. */
export function exchangeOf(given: Partial<Exchange> = {}): Exchange {
  const fields = given.fields ?? []
  const linesOf = (name: string) => fields.filter((_, i) => i % 2 === 1 && isNamed(fields[i - 1], name))
  const lengths = linesOf('content-length')
  const codings = linesOf('transfer-encoding')
  const encodings = linesOf('accept-encoding')
  return {
    nowMs: 1_000_000,
    startedMs: 0,
    scheme: 'http',
    method: 'GET',
    image: undefined,
    acceptEncoding: encodings.length === 0 ? undefined : encodings.join(', '),
    fields,
    framing: {
      contentLengths: lengths.length,
      contentLength: lengths.at(-1),
      transferEncodings: codings.length,
      transferEncoding: codings.at(-1),
    },
    hostLines: 1,
    hostField: 'play.example',
    marks: linesOf('if-none-match').length > 0 ? Mark.conditional : 0,
    responder: new NotingResponder(),
    known: undefined,
    upload: undefined,
    clientAddress: '192.0.2.1',
    target: '/',
    host: 'play.example',
    authority: 'play.example',
    site: undefined,
    keyPrefix: 'http play play.example',
    key: 'http play play.example/',
    storedKey: '',
    askFields: undefined,
    followed: undefined,
    body: framing(lengths.length, lengths.at(-1), codings.length, codings.at(-1)),
    reason: 'request',
    form: '',
    isFinished: false,
    status: 0,
    result: 'refused',
    detail: '',
    originUrl: '',
    ...given,
  }
}

/** What was asked of a responder, in order: `send 200 5`, `sendHead 304`, `abort`... */
export class NotingResponder implements Responder {
  state: ResponderState = 'open'
  bodyBytesOut = 0
  onEnd: ((completed: boolean) => void) | undefined = undefined
  onDrain: (() => void) | undefined = undefined
  closeAfter = false
  headBytesOut = 0
  moreLines = ''
  readonly notes: string[] = []
  head: Head | undefined = undefined
  body = Buffer.alloc(0)

  send(head: Head, body: Uint8Array): void {
    this.head = head
    this.body = Buffer.from(body)
    this.bodyBytesOut = body.length
    this.#note(`send ${head.status} ${body.length}`)
    this.settle(true)
  }

  sendHead(head: Head, contentLength: number | undefined): void {
    this.head = head
    this.#note(`sendHead ${head.status} ${contentLength ?? '-'}`)
    this.settle(true)
  }

  open(head: Head, contentLength: number | undefined): void {
    this.head = head
    this.#note(`open ${head.status} ${contentLength ?? '-'}`)
    this.state = 'streaming'
  }

  write(chunk: Uint8Array): boolean {
    this.bodyBytesOut += chunk.length
    return true
  }

  offer(chunk: Uint8Array): number {
    this.bodyBytesOut += chunk.length
    return chunk.length
  }

  end(): void {
    this.settle(true)
  }

  abort(): void {
    this.#note('abort')
    this.settle(false)
  }

  hold(): void {
    this.#note('hold')
  }

  pause(): void {
    this.#note('pause')
  }

  resume(): void {
    this.#note('resume')
  }

  receive(_upload: Upload): void {
    this.#note('receive')
  }

  fieldBytes(lowerCaseName: string): string {
    return `bytes of ${lowerCaseName}`
  }

  clientAddress(): string {
    return '192.0.2.1'
  }

  /** Ends the answer as an engine would; false is a client that left. */
  settle(completed: boolean): void {
    if (this.state === 'ended' || this.state === 'gone') return
    this.state = completed ? 'ended' : 'gone'
    const ended = this.onEnd
    this.onEnd = undefined
    ended?.(completed)
  }

  /** The lines of the head, the status first. */
  lines(): string[] {
    const { head } = this
    if (head === undefined) return []
    const block = Buffer.from(head.block).toString('latin1')
    return [String(head.status), ...`${block}: ${head.tail}`.split('\r\n')]
  }

  #note(text: string): void {
    this.notes.push(text)
  }
}
