// Accept-Language (RFC 9110 12.5.4) as it selects: one form for all spellings of the same preferences, and whether a
// stored Content-Language is what they ask for. Which variants there are is cache/'s.
import { quality, splitList, splitParameters } from './tokens.js'

/** RFC 4647 2.1 and 2.2, in lower case. */
const LANGUAGE_RANGE = /^(?:\*|[a-z]{1,8})(?:-(?:\*|[a-z0-9]{1,8}))*$/

/** RFC 9110 12.4.2, in lower case. */
const WEIGHT = /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/** The quality of each range, of a repeated one the highest; undefined when any member is not lawful. */
function parseRanges(value: string): Map<string, number> | undefined {
  const ranges = new Map<string, number>()
  for (const member of splitList(value.toLowerCase())) {
    const [range, ...parameters] = splitParameters(member)
    if (range === undefined || !LANGUAGE_RANGE.test(range)) return undefined
    if (parameters.length > 1 || parameters.some(parameter => !WEIGHT.test(parameter))) return undefined
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
  return [...ranges]
    .sort(([name, q], [otherName, otherQ]) => otherQ - q || (name < otherName ? -1 : 1))
    .map(([name, q]) => (q === 1 ? name : `${name};q=${q}`))
    .join(',')
}

/** The quality that the most precise of the ranges gives a language tag; 0 when none matches (RFC 4647 3.3.1). */
function qualityOf(tag: string, ranges: ReadonlyMap<string, number>): number {
  for (let range = tag; range !== ''; range = range.slice(0, Math.max(range.lastIndexOf('-'), 0))) {
    const found = ranges.get(range)
    if (found !== undefined) return found
  }
  return ranges.get('*') ?? 0
}

/**
 * True when the stored Content-Language is the client's first choice: no other language of its list has a higher
 * quality. A range admits the tags that it begins (RFC 4647 3.3.1). The look-up's way from `en-GB` back to `en` is not
 * gone: the origin may well have the more precise one. Of several languages of one text each may be the choice.
 */
export function matchesContentLanguage(acceptLanguage: string, contentLanguage: string): boolean {
  const ranges = parseRanges(acceptLanguage)
  if (ranges === undefined || ranges.size === 0) return false
  const best = Math.max(...ranges.values())
  if (best === 0) return false
  return splitList(contentLanguage.toLowerCase()).some(tag => qualityOf(tag, ranges) === best)
}
