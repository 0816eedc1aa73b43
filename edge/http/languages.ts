// Accept-Language (RFC 9110 12.5.4) as it selects: one form for all spellings of the same preferences, and whether a
// stored Content-Language is what they ask for. Which variants there are is cache/'s.
import { isWeight, writePreferences } from './preferences.js'
import { remembering } from './remember.js'
import { quality, splitList, splitParameters } from './tokens.js'

/** RFC 4647 2.1 and 2.2, in lower case. */
const LANGUAGE_RANGE = /^(?:\*|[a-z]{1,8})(?:-(?:\*|[a-z0-9]{1,8}))*$/

/** A longer Content-Language names more languages than anybody reads, and every look-up would read all of them. */
const CONTENT_LANGUAGE_BYTES_MAX = 256

/** Which languages a client would take first. */
export interface LanguageChoice {
  /** The quality of each range, in lower case. */
  readonly ranges: ReadonlyMap<string, number>
  /** The highest of them, above 0. */
  readonly best: number
}

/** The quality of each range, of a repeated one the highest; undefined when any member is not lawful. */
function parseRanges(value: string): Map<string, number> | undefined {
  const ranges = new Map<string, number>()
  for (const member of splitList(value.toLowerCase())) {
    const [range, ...parameters] = splitParameters(member)
    if (range === undefined || !LANGUAGE_RANGE.test(range)) return undefined
    if (parameters.length > 1 || !parameters.every(isWeight)) return undefined
    ranges.set(range, Math.max(ranges.get(range) ?? 0, quality(parameters)))
  }
  return ranges
}

/**
 * The preferences in lower case, the best first, equal ones by name, exclusions last. A value that is not lawful is
 * kept as a plain list: an origin may read it in a way that we cannot know.
 */
export function reduceLanguages(value: string): string {
  const ranges = parseRanges(value)
  if (ranges === undefined) return splitList(value).join(',')
  return writePreferences(ranges)
}

/** The quality that the most precise of the ranges gives a language tag; 0 when none matches (RFC 4647 3.3.1). */
function qualityOf(tag: string, ranges: ReadonlyMap<string, number>): number {
  for (let range = tag; range !== ''; range = range.slice(0, Math.max(range.lastIndexOf('-'), 0))) {
    const found = ranges.get(range)
    if (found !== undefined) return found
  }
  return ranges.get('*') ?? 0
}

/** What the value of Accept-Language asks for first; undefined when that is nothing, or it is not lawful. */
export const languageChoice = remembering((acceptLanguage: string): LanguageChoice | undefined => {
  const ranges = parseRanges(acceptLanguage)
  if (ranges === undefined || ranges.size === 0) return undefined
  const best = Math.max(...ranges.values())
  return best === 0 ? undefined : { ranges, best }
})

/** The tags of Content-Language in lower case, as `isChosen` takes them; '' when there are none, or too many. */
export function contentLanguages(contentLanguage: string): string {
  if (contentLanguage.length > CONTENT_LANGUAGE_BYTES_MAX) return ''
  return splitList(contentLanguage.toLowerCase()).join(',')
}

/**
 * True when one of `languages` (of `contentLanguages`) is the client's first choice: no other language of its list has
 * a higher quality. A range admits the tags that it begins (RFC 4647 3.3.1). The look-up's way from `en-GB` back to
 * `en` is not gone: the origin may well have the more precise one. Of several languages of one text each may be the
 * choice.
 */
export function isChosen({ ranges, best }: LanguageChoice, languages: string): boolean {
  return languages !== '' && languages.split(',').some(tag => qualityOf(tag, ranges) === best)
}

/** True when the stored Content-Language is what the value of Accept-Language asks for first. */
export function matchesContentLanguage(acceptLanguage: string, contentLanguage: string): boolean {
  const choice = languageChoice(acceptLanguage)
  return choice !== undefined && isChosen(choice, contentLanguages(contentLanguage))
}
