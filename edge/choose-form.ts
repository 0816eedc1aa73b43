// In which form a client gets what is stored: as it came, in a content coding, or out of the one that it came in.
import { EntryFlag, keepEntry, type ResponseEntry } from './cache/entry.js'
import type { Edge } from './edge.js'
import { type Exchange, Mark } from './exchange.js'
import { parseCacheControl } from './http/cache-control.js'
import { contentCodings, takesCoding } from './http/content-codings.js'
import { availableDictionary } from './http/dictionaries.js'
import { combinedValue } from './http/fields.js'
import type { Waiting } from './optimise/asked-forms.js'
import { hasDeltas } from './optimise/codecs.js'
import type { Work } from './optimise/job.js'

/** A wait when the client cannot be served before a form is made; valid as `FormMaker.formOf`. */
export function chooseForm(edge: Edge, x: Exchange, entry: ResponseEntry): ResponseEntry | Waiting {
  // Parts are parts of what the origin has: what a client has of it fits nothing else.
  if (x.storedKey === '' || (x.marks & Mark.range) !== 0) return entry
  const { forms } = x.site!.rules
  if (forms?.takesDelta(x.acceptEncoding ?? '') && (entry.flags & EntryFlag.compressible) !== 0)
    return chooseDelta(edge, x, entry.isKept ? entry : keepEntry(entry))
  return chooseCoded(edge, x, entry)
}

/** RFC 9842: what the client has is the best of all dictionaries. */
function chooseDelta(edge: Edge, x: Exchange, entry: ResponseEntry): ResponseEntry | Waiting {
  const hash = hasDeltas() ? availableDictionary(x.fields) : undefined
  const work = hash === undefined ? undefined : edge.forms.deltaTo(x, hash)
  const form = work === undefined ? entry : edge.forms.formOf(x, entry, work)
  return form === entry ? chooseCoded(edge, x, entry) : form
}

function chooseCoded(edge: Edge, x: Exchange, entry: ResponseEntry): ResponseEntry | Waiting {
  const work = wantedWork(x, entry)
  return work === undefined ? entry : edge.forms.formOf(x, entry, work, work.kind !== 'encode')
}

/** What is to be made of a response for this client; undefined: nothing. */
export function wantedWork(
  x: Exchange,
  entry: Pick<ResponseEntry, 'flags' | 'bodyBytes' | 'received'>,
): Work | undefined {
  const { forms } = x.site!.rules
  if (forms === undefined || !wantsTransform(x)) return undefined
  const { acceptEncoding } = x
  if (x.image !== undefined) return (entry.flags & EntryFlag.image) === 0 ? undefined : x.image
  if ((entry.flags & EntryFlag.coded) !== 0) {
    const [coding] = contentCodings(entry.received)
    return takesCoding(acceptEncoding, coding!) ? undefined : { kind: 'decode', coding: coding! }
  }
  if (acceptEncoding === undefined) return undefined
  const { bodyBytes } = entry
  const { compressBytesMin, compressBytesMax } = forms.config
  if (bodyBytes < compressBytesMin || bodyBytes > compressBytesMax) return undefined
  const coding = forms.choose(acceptEncoding)
  return coding === 'identity' ? undefined : encoding[coding]
}

/** One of each for all. */
const encoding = {
  br: { kind: 'encode', coding: 'br', effort: 'fast' },
  zstd: { kind: 'encode', coding: 'zstd', effort: 'fast' },
  gzip: { kind: 'encode', coding: 'gzip', effort: 'fast' },
} as const

/** RFC 9111 5.2.1.6: unless the client forbids it. */
export function wantsTransform({ marks, fields }: Exchange): boolean {
  return (
    (marks & Mark.cacheControl) === 0 ||
    !parseCacheControl(combinedValue(fields, 'cache-control')).noTransform
  )
}
