// Header fields as one flat list: name, value, name, value... in the order received, repeated lines kept apart.
// Names keep the case they came in; every look-up here ignores case (RFC 9110 5.1). Values are byte strings:
// one character per byte (latin1), surrounding whitespace removed.

/** Flat list `[name, value, name, value, ...]`. */
export type Fields = readonly string[]

/** True when `name` equals `lowerCaseName` in any case. */
export function isNamed(name: string, lowerCaseName: string): boolean {
  return name.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName
}

/** The value of the first line named `lowerCaseName`, or undefined when there is none. */
export function firstValue(fields: Fields, lowerCaseName: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) {
    if (isNamed(fields[i]!, lowerCaseName)) return fields[i + 1]
  }
  return undefined
}

/** All values of `lowerCaseName`, one per line, in order; empty when there is none. */
export function allValues(fields: Fields, lowerCaseName: string): string[] {
  const values: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    if (isNamed(fields[i]!, lowerCaseName)) values.push(fields[i + 1]!)
  }
  return values
}

/** The lines of a list-based field joined as RFC 9110 5.3 says, or undefined when there is none. */
export function combinedValue(fields: Fields, lowerCaseName: string): string | undefined {
  let combined: string | undefined
  for (let i = 0; i < fields.length; i += 2) {
    if (!isNamed(fields[i]!, lowerCaseName)) continue
    combined = combined === undefined ? fields[i + 1] : `${combined}, ${fields[i + 1]}`
  }
  return combined
}
