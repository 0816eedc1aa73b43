// What the making of a form is asked for, and what comes of it. The same between objects and over the socket: plain data.
import type { Coding } from '../http/content-codings.js'
import type { Effort } from './codecs.js'
import { codingForm, deltaForm, type Form, imageForm } from './derive.js'
import type { ImageWork } from './image-request.js'
import type { ImageBounds } from './make-image.js'

/** `encode`: compress; `decode`: undo the coding that it came in. */
export type Work =
  | { readonly kind: 'encode'; readonly coding: Coding; readonly effort: Effort }
  | { readonly kind: 'decode'; readonly coding: string }
  | ImageWork
  | DeltaWork
  /** Note under its hash that a response is a dictionary; see `dictionaryKey`. */
  | { readonly kind: 'dictionary'; readonly scope: string }

/** The difference to another response that the client has (RFC 9842 5). */
export interface DeltaWork {
  readonly kind: 'delta'
  /** Of the dictionary: its SHA-256 in hex, and where it is stored, as in `Job`. */
  readonly hash: string
  readonly storedKey: string
  readonly askedAtMs: number
  readonly storedAtMs: number
  readonly effort: Effort
}

export interface Job {
  /** Where the response is kept of which it is made, and when that was asked for and stored: of no other. */
  readonly storedKey: string
  readonly askedAtMs: number
  readonly storedAtMs: number
  readonly site: string
  readonly work: Work
  /** For the head of the form. */
  readonly hidden: readonly string[]
  readonly imageBounds: ImageBounds
}

/**
 * `made`: it is stored; `useless`: it is not worth it, or cannot be had of these bytes, which is stored; `busy`: too much
 * waits; `outdated`: the response is not stored any more; `cancelled`: nobody waited for it any more; `failed`: not this time.
 */
export type Outcome = 'made' | 'useless' | 'busy' | 'outdated' | 'cancelled' | 'failed'

/** Who has forms made: the other process, or in a test the workshop itself. Never rejects. */
export interface Making {
  /** `signal`: it is not wanted any more, unless it is being made already. */
  make(job: Job, signal?: AbortSignal): Promise<Outcome>
}

export function formOfWork(work: Work): Form {
  switch (work.kind) {
    case 'image':
      return imageForm(work)
    case 'delta':
      return deltaForm(work.hash)
    case 'encode':
      return codingForm(work.coding)
    case 'decode':
      return codingForm('identity')
    case 'dictionary':
      return { name: 'dictionary', fields: [], vary: [] }
  }
}

/** Somebody has a form of it already, and gets a better one. */
export function isUpgrade(work: Work): boolean {
  return 'effort' in work && work.effort === 'best'
}

/** The same form, as good as it gets; undefined where the first is that. */
export function upgradeOf(work: Work): Work | undefined {
  return 'effort' in work ? { ...work, effort: 'best' } : undefined
}

/** As metrics call it: `br`, `decode`, `image-avif`. */
export function kindOf(work: Work): string {
  if (work.kind === 'image') return `image-${work.format}`
  if (work.kind === 'delta') return 'dcz'
  return work.kind === 'encode' ? work.coding : work.kind
}
