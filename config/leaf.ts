// Makers of the table's leaves: a TypeBox schema that also carries what people need to know (unit, default, range,
// why). The table itself is settings.ts; what a text must look like is forms.ts.
import { type Static, Type } from 'typebox'
import type { FormName } from './forms.js'
import type { QueryPolicy } from './query-policy.js'
import { parseBytes, parseMilliseconds } from './units.js'

export type Unit =
  | 'bytes'
  | 'milliseconds'
  | 'count'
  | 'port'
  | 'status'
  | 'switch'
  | 'choice'
  | 'query'
  | 'text'

/** Any node of the table, as the reader, the checker and the reference page see it. */
export interface Setting {
  readonly type?: string
  readonly unit?: Unit
  /** One sentence: what it is for. */
  readonly why?: string
  /** The parsed default (bytes, milliseconds, ...). */
  readonly default?: unknown
  /** In place of `default`: how the value is computed from other settings. */
  readonly derived?: string
  /** `{ url }` items may be written as the url alone: the name of that one property. */
  readonly shorthand?: string
  /** A single item may be written without the list around it. */
  readonly singleItem?: boolean
  /** Left out, a group stays so: it has no defaults then. */
  readonly mayBeAbsent?: boolean
  /** What JSON Schema has no words for: a query policy. */
  readonly isQueryPolicy?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly format?: FormName
  readonly enum?: readonly string[]
  readonly anyOf?: readonly Setting[]
  readonly required?: readonly string[] | undefined
  readonly properties?: Readonly<Record<string, Setting>>
  readonly items?: Setting
}

/** All keys are known ones: an unknown key is a typing error that nobody would notice. */
const closed = { additionalProperties: false } as const

type Properties = Parameters<typeof Type.Object>[0]

/** An object of settings; absent means all its defaults. */
export function group<Members extends Properties>(members: Members, why: string) {
  return Type.Object(members, { ...closed, why })
}

/** An object that may be left out, and then is absent from the parsed config. */
export function optionalGroup<Members extends Properties>(members: Members, why: string) {
  return Type.Optional(Type.Object(members, { ...closed, why, mayBeAbsent: true }))
}

/** An object that may be written as the text of its property `shorthand`. */
export function groupOrText<Members extends Properties>(members: Members, shorthand: string, why: string) {
  return Type.Object(members, { ...closed, why, shorthand })
}

/** A list of at least one item. */
export function list<Item extends Properties[string]>(item: Item, itemsMax: number, why: string) {
  return Type.Array(item, { minItems: 1, maxItems: itemsMax, why })
}

/** A list that may be empty; absent means `byDefault`. */
export function listOrNone<Item extends Properties[string]>(
  item: Item,
  { byDefault, itemsMax }: { byDefault: readonly Static<Item>[]; itemsMax: number },
  why: string,
) {
  return Type.Array(item, { minItems: 0, maxItems: itemsMax, default: byDefault, why })
}

/** May be left out, and then is absent from the parsed config. */
export function optional<Schema extends Properties[string]>(schema: Schema) {
  return Type.Optional(schema)
}

/** Sizes are written as in the config file: `bytes('1GiB', ['16MiB', '64TiB'], why)`; without default for `optional`. */
export function bytes(byDefault: string | undefined, range: readonly [string, string], why: string) {
  const [least, most] = range
  return Type.Integer({
    unit: 'bytes',
    ...(byDefault === undefined ? {} : { default: written(parseBytes, byDefault) }),
    minimum: written(parseBytes, least),
    maximum: written(parseBytes, most),
    why,
  })
}

/** Times are written as in the config file: `time('30s', ['1s', '10m'], why)`; without default for `optional`. */
export function time(byDefault: string | undefined, range: readonly [string, string], why: string) {
  const [least, most] = range
  return Type.Integer({
    unit: 'milliseconds',
    ...(byDefault === undefined ? {} : { default: written(parseMilliseconds, byDefault) }),
    minimum: written(parseMilliseconds, least),
    maximum: written(parseMilliseconds, most),
    why,
  })
}

/** Without default for `optional`. */
export function count(byDefault: number | undefined, range: readonly [number, number], why: string) {
  const [minimum, maximum] = range
  const given = byDefault === undefined ? {} : { default: byDefault }
  return Type.Integer({ unit: 'count', ...given, minimum, maximum, why })
}

/** A count that the edge may choose itself: `auto`, which is the default. */
export function countOrAuto(range: readonly [number, number], why: string) {
  const [minimum, maximum] = range
  const choices = [Type.Literal('auto'), Type.Integer({ minimum, maximum })] as const
  return Type.Union([...choices], { unit: 'count', default: 'auto', minimum, maximum, why })
}

/** A TCP port; 0 lets the system choose. Required. */
export function port(why: string) {
  return Type.Integer({ unit: 'port', minimum: 0, maximum: 65_535, why })
}

export function flag(byDefault: boolean, why: string) {
  return Type.Boolean({ unit: 'switch', default: byDefault, why })
}

/** One of a few words; the first is not special. Without default for `optional`. */
export function choice<Words extends string[]>(
  words: readonly [...Words],
  byDefault: Words[number] | undefined,
  why: string,
) {
  return Type.Enum(words, { unit: 'choice', why, ...(byDefault === undefined ? {} : { default: byDefault }) })
}

type StatusClass = '2xx' | '3xx' | '4xx' | '5xx'

/** Final statuses and classes of them (`"4xx"`); one may stand alone, without a list around it. */
export function statuses(itemsMax: number, why: string, byDefault?: readonly (number | StatusClass)[]) {
  const [minimum, maximum] = [200, 599]
  const choices = [Type.Integer({ minimum, maximum }), Type.Enum(['2xx', '3xx', '4xx', '5xx'])] as const
  const status = Type.Union([...choices], { unit: 'status', minimum, maximum, why: 'A status or a class.' })
  const given = byDefault === undefined ? {} : { default: byDefault }
  return Type.Array(status, { minItems: 1, maxItems: itemsMax, singleItem: true, why, ...given })
}

/** What of the query counts; by default all of it, as it is. */
export function query(why: string) {
  const policy = Type.Unsafe<QueryPolicy>({ isQueryPolicy: true, default: 'asIs', why })
  // Beside the call: its type says nothing of what it was given.
  return Object.assign(policy, { unit: 'query' as const })
}

/** A text of a form; without `more` it is required. */
export function text(format: FormName, why: string, more: { default?: string; derived?: string } = {}) {
  return Type.String({ unit: 'text', format, why, ...more })
}

export type Parsed<Schema extends Properties[string]> = Fixed<Static<Schema>>

/** The same shape, nothing of it assignable. */
type Fixed<Value> = Value extends object ? { readonly [Key in keyof Value]: Fixed<Value[Key]> } : Value

function written(parse: (text: string) => number | undefined, text: string): number {
  const value = parse(text)
  if (value === undefined) throw new Error(`settings table: ${text} is not a quantity`)
  return value
}
