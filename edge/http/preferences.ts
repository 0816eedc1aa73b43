// Preferences of a client with their qualities (RFC 9110 12.4): what a lawful weight is, and one form for all spellings
// of the same preferences. What is preferred is the matter of each field's own file (languages.ts, accept.ts).

/** RFC 9110 12.4.2, in lower case. */
const WEIGHT = /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/** True when a parameter, in lower case, is a lawful weight. */
export function isWeight(parameter: string): boolean {
  return WEIGHT.test(parameter)
}

/** The best first, equal ones by name, exclusions last: the order in which they were written means nothing. */
export function writePreferences(qualities: ReadonlyMap<string, number>): string {
  return [...qualities]
    .sort(([name, q], [otherName, otherQ]) => otherQ - q || (name < otherName ? -1 : 1))
    .map(([name, q]) => (q === 1 ? name : `${name};q=${q}`))
    .join(',')
}
