// The record of a form that was made of a stored response, and whether one belongs to that response still. Pure.
import { crc32 } from 'node:zlib'
import { type Content, type EntryDraft, EntryFlag, type ResponseEntry } from '../cache/entry.js'
import { codedTag, varyingBy } from '../http/content-codings.js'
import type { Fields } from '../http/fields.js'
import type { Freshness } from '../http/freshness.js'
import { storedBlock } from '../respond/assemble.js'
import type { ImageWork } from './image-request.js'

/** What a form is beside its bytes. */
export interface Form {
  /** Unique among the forms of a response, such as `br`. */
  readonly name: string
  /** Fields that it has instead of those of the response, or none. */
  readonly fields: readonly (readonly [name: string, value: string | undefined])[]
  /** Request fields by which it was chosen, as Vary names them. */
  readonly vary: readonly string[]
  readonly flags?: number
  /** Where it is not that of the response. */
  readonly status?: number
}

/** What is said of all bytes of a response is not true of its forms. */
const ofTheBytes = [
  'content-encoding',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
  'accept-ranges',
]

/** The flags that go on to a form: how old it may get is the same. */
const goingOn = EntryFlag.alwaysValidate | EntryFlag.mustRevalidate

const unknown: Freshness = { lifetimeMs: 0, basis: 'none' }

/** Where a form of what is stored under `storedKey` is kept: with it a purge takes it. */
export function formKey(storedKey: string, name: string): string {
  return `${storedKey}\n~${name}`
}

/** The form of a coding; `identity`: of what came in one. */
export function codingForm(coding: string): Form {
  const value = coding === 'identity' ? undefined : coding
  return { name: coding, fields: [['Content-Encoding', value]], vary: ['Accept-Encoding'] }
}

/** `type`, once that is known: what it is in. */
export function imageForm(work: ImageWork, type?: string): Form {
  const { width, height, fit, quality, format, isAuto, hints } = work
  const side = (letter: string, pixels: number | undefined) => (pixels === undefined ? [] : [letter + pixels])
  const words = [
    ...side('w', width),
    ...side('h', height),
    fit,
    `q${quality}`,
    isAuto ? `auto-${format}` : format,
  ]
  return {
    name: [...words, ...hints].join('.'),
    fields: type === undefined ? [] : [['Content-Type', type]],
    vary: [...(isAuto ? ['Accept'] : []), ...hints],
  }
}

/** In place of a form that cannot be had: an answer that says why, and is nobody else's to keep. */
export function refusingForm(form: Form, status: number): Form {
  return {
    ...form,
    status,
    fields: [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Cache-Control', 'no-store'],
      ['ETag', undefined],
      ['Last-Modified', undefined],
    ],
  }
}

export interface Told {
  identity: string
  hidden: ReadonlySet<string>
}

/** `content`: of the form. It is as old as the response and lives as long. */
export function draftOfForm(parent: ResponseEntry, form: Form, content: Content, told: Told): EntryDraft {
  const { status, bornAtMs, freshUntilMs, storedAtMs, askedAtMs, fence, lastModified, varyNames } = parent
  const received = fieldsOfForm(parent, form)
  const head = storedBlock(varyingBy(received, form.vary), unknown, told.identity, told.hidden, storedAtMs)
  return {
    status: form.status ?? status,
    flags: (parent.flags & goingOn) | (form.flags ?? 0),
    bornAtMs,
    freshUntilMs,
    storedAtMs,
    askedAtMs,
    fence,
    etag: codedTag(parent.etag, form.name),
    lastModified,
    varyNames,
    received,
    // Nothing looks for groups here: they are asked of the response.
    groups: [bodyIdOf(parent)],
    tags: parent.tags,
    ...head,
    content,
  }
}

function fieldsOfForm({ received, etag }: ResponseEntry, { name, fields }: Form): Fields {
  const replaced = new Set([...ofTheBytes, ...fields.map(([field]) => field.toLowerCase())])
  const kept: string[] = []
  for (let at = 0; at < received.length; at += 2) {
    const field = received[at]!.toLowerCase()
    if (replaced.has(field)) continue
    kept.push(received[at]!, field === 'etag' ? codedTag(etag, name) : received[at + 1]!)
  }
  for (const [field, value] of fields) if (value !== undefined) kept.push(field, value)
  return kept
}

/** When a response was stored, and asked for: no two of one URL have both. */
type Times = Pick<ResponseEntry, 'storedAtMs' | 'askedAtMs'>

/** Whether `form` was made of this very response. */
export function isOf(form: Times, parent: Times): boolean {
  return form.storedAtMs === parent.storedAtMs && form.askedAtMs === parent.askedAtMs
}

/** Whether it was made of the same bytes, under a head that has been replaced since (RFC 9111 4.3.4). */
export function isOfSameBody(form: ResponseEntry, parent: ResponseEntry): boolean {
  return form.groups[0] === bodyIdOf(parent)
}

/**
 * Tells the body of a response from others that its URL had or will have: by length, checksum and validators. Without
 * validators no head is ever replaced, and only the time when it was stored tells.
 */
function bodyIdOf(entry: ResponseEntry): string {
  const { etag, lastModified, place, storedAtMs } = entry
  const crc = place?.crc ?? crc32(entry.body)
  const validators = etag === '' && lastModified === '' ? `${storedAtMs}` : `${etag} ${lastModified}`
  return `${entry.bodyBytes} ${crc} ${validators}`
}

/** Where it is kept which response is the dictionary with this hash; `scope`: what keys of its host begin with. */
export function dictionaryKey(scope: string, hash: string): string {
  return `${scope}\n~dictionary ${hash}`
}

/** The difference to a dictionary (RFC 9842 6.2: which one is chosen by the request). */
export function deltaForm(hash: string): Form {
  return {
    name: `dcz-${hash.slice(0, 32)}`,
    fields: [['Content-Encoding', 'dcz']],
    vary: ['Accept-Encoding', 'Available-Dictionary'],
  }
}
