// Answers with a stored response: what its conditions and its Range ask for, or all of it.
import { answerConditions } from './answer-conditions.js'
import { EntryFlag, keepEntry, ResponseEntry } from './cache/entry.js'
import { chooseForm } from './choose-form.js'
import { conclude, finish, refuse } from './conclude.js'
import { datedAsStored } from './dated.js'
import type { Edge } from './edge.js'
import { type Exchange, Mark } from './exchange.js'
import { mayHaveBody } from './http/status.js'
import type { Waiting } from './optimise/asked-forms.js'
import type { Pour } from './respond/pour.js'
import { refusals } from './respond/refuse.js'
import { sendBody } from './send-body.js'
import { deliverSliced } from './slices/deliver-sliced.js'
import { headOfPart, selectStored } from './stored-part.js'
import { tailOf } from './stored-tail.js'

const nothing = Buffer.alloc(0)

/** `status` is the Cache-Status, made here for a plain hit. Synchronous, but for what is in blocks. */
export function deliver(edge: Edge, x: Exchange, entry: ResponseEntry, status: string | undefined): void {
  if (status === undefined && x.result !== 'stale') x.result = 'hit'
  if (entry.slices !== undefined) return deliverSliced(edge, x, entry, status)
  if ((entry.flags & formed) === 0) return deliverForm(edge, x, entry, status)
  // Who is to wait keeps what there is.
  const own = (entry.flags & EntryFlag.compressible) !== 0 || entry.isKept ? entry : keepEntry(entry)
  const form = chooseForm(edge, x, own)
  if (form instanceof ResponseEntry) deliverForm(edge, x, form, status)
  else deliverLater(edge, x, own, status, form)
}

const formed = EntryFlag.compressible | EntryFlag.coded | EntryFlag.image

/** The client cannot have any other form: it waits until this one is made, or cannot be. */
function deliverLater(
  edge: Edge,
  x: Exchange,
  entry: ResponseEntry,
  status: string | undefined,
  waiting: Waiting,
): void {
  x.responder.onEnd = completed => {
    waiting.leave()
    finish(edge, x, completed)
  }
  const late = new Promise<void>(resolve => {
    setTimeout(resolve, edge.config.optimise.waitMs).unref()
  })
  void Promise.race([waiting.made, late]).then(() => {
    if (x.responder.state !== 'open') return
    x.responder.onEnd = undefined
    const form = chooseForm(edge, x, entry)
    if (form instanceof ResponseEntry && form !== entry) return deliverForm(edge, x, form, status)
    if (x.image !== undefined && x.site!.config.optimise.image.whenBusy === 'refuse')
      return refuse(edge, x, refusals.imageBusy)
    // What could not be made in time is served as it is.
    x.detail = 'form-late'
    deliverForm(edge, x, entry, status)
  })
}

function deliverForm(edge: Edge, x: Exchange, entry: ResponseEntry, status: string | undefined): void {
  const tail = tailOf(edge, x, entry, status)
  if (answerConditions(edge, x, entry, tail)) return learn(edge, x, entry, status)
  if ((x.marks & Mark.range) !== 0 && deliverPart(edge, x, entry, tail)) return
  const { responder } = x
  x.status = entry.status
  const head = datedAsStored(x, { status: entry.status, block: entry.block, tail }, entry)
  let pour: Pour | undefined
  if (!mayHaveBody(entry.status)) responder.sendHead(head, undefined)
  else if (x.method === 'HEAD') responder.sendHead(head, entry.bodyBytes)
  else {
    if (entry.form !== '') edge.forms.served(x, entry)
    pour = sendBody(edge, x, head, entry)
  }
  conclude(edge, x, pour)
  learn(edge, x, entry, status)
}

/** A plain hit need not come here again. */
function learn(edge: Edge, x: Exchange, entry: ResponseEntry, status: string | undefined): void {
  const { token } = x.responder
  if (token !== undefined && token !== 0 && status === undefined && x.result === 'hit')
    edge.replay?.learn(edge, x, entry, token)
}

/** False when the whole is the answer. */
function deliverPart(edge: Edge, x: Exchange, entry: ResponseEntry, tail: string): boolean {
  const part = selectStored(x, entry)
  if (part === undefined) return false
  const head = headOfPart(edge, x, entry, part, tail)
  x.status = head.status
  let pour: Pour | undefined
  if (part.kind === 'unsatisfiable') x.responder.send(head, nothing)
  else pour = sendBody(edge, x, head, entry, part.pieces)
  conclude(edge, x, pour)
  return true
}
