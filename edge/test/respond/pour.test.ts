import t from 'tap'
import type { Body, BodyReader, Piece } from '../../cache/body.js'
import { Pour } from '../../respond/pour.js'
import { NotingResponder } from '../support/exchange.js'

/** Gives these pieces, one at each reading; `later` once means that nothing more is there until `wake`. */
class Script implements Body {
  readonly length = undefined
  readonly notes: string[] = []
  readonly #pieces: Piece[]
  #reader: BodyReader | undefined

  constructor(...pieces: Piece[]) {
    this.#pieces = pieces
  }

  attach(reader: BodyReader): void {
    this.#reader = reader
  }

  detach(): void {
    this.notes.push('detach')
  }

  read(reader: BodyReader): Piece {
    this.notes.push(`read ${reader.at}`)
    return this.#pieces.shift() ?? 'later'
  }

  progressed(): void {
    this.notes.push('progressed')
  }

  more(...pieces: Piece[]): void {
    this.#pieces.push(...pieces)
    this.#reader?.wake()
  }
}

/** Takes so many bytes until it is drained. */
class Narrow extends NotingResponder {
  room = 3

  override offer(chunk: Uint8Array): number {
    const taken = Math.min(this.room, chunk.length)
    this.room -= taken
    return super.offer(chunk.subarray(0, taken))
  }

  drain(room: number): void {
    this.room = room
    this.onDrain?.()
  }
}

function begun(body: Body, responder: NotingResponder): Pour {
  responder.open({ status: 200, block: Buffer.alloc(0), tail: '' }, undefined)
  const pour = new Pour(body, responder)
  pour.start()
  return pour
}

t.test('a body flows as it comes, and ends the answer', async t => {
  const body = new Script(Buffer.from('abc'))
  const responder = new NotingResponder()
  begun(body, responder)
  t.strictSame(body.notes, ['read 0', 'read 3', 'progressed'])
  body.more(Buffer.from('de'), 'end')
  t.match(responder, { bodyBytesOut: 5, state: 'ended' })
  t.equal(body.notes.at(-1), 'detach')
})

t.test('what the client does not take is read again when there is room', async t => {
  const body = new Script(Buffer.from('abcde'), Buffer.from('de'), 'end')
  const responder = new Narrow()
  begun(body, responder)
  t.match(responder, { bodyBytesOut: 3, state: 'streaming' })
  body.more()
  t.strictSame(
    body.notes.filter(note => note.startsWith('read')),
    ['read 0'],
    'not while it waits',
  )
  responder.drain(10)
  t.match(responder, { bodyBytesOut: 5, state: 'ended' })
})

t.test('a body that breaks breaks the answer', async t => {
  const responder = new NotingResponder()
  begun(new Script(Buffer.from('abc'), 'broken'), responder)
  t.equal(responder.state, 'gone')
})

t.test('a client that is gone reads nothing more', async t => {
  const body = new Script(Buffer.from('abc'))
  const responder = new NotingResponder()
  const pour = begun(body, responder)
  responder.abort()
  body.more(Buffer.from('d'))
  t.equal(body.notes.filter(note => note === 'read 3').length, 1)
  pour.stop()
  t.equal(body.notes.filter(note => note === 'detach').length, 1, 'once')
})
