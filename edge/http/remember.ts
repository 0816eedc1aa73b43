// What was read out of a field's value before: browsers send a handful of values, and a hit that is selected by one
// reads it again each time.

/** Different values are few; this only bounds what a hostile client can make us remember, of each field. */
const VALUES_MAX = 256

/** The longest value remembered: browsers stay far below. */
const REMEMBERED_BYTES_MAX = 512

/** `read`, a pure function, which remembers what it gave. */
export function remembering<Value>(read: (value: string) => Value): (value: string) => Value {
  const known = new Map<string, Value>()
  return value => {
    const before = known.get(value)
    if (before !== undefined) return before
    if (value.length > REMEMBERED_BYTES_MAX) return read(value)
    // A copy: a text that was cut out of a head keeps all of it.
    const own = Buffer.from(value, 'utf16le').toString('utf16le')
    const now = read(own)
    if (known.size >= VALUES_MAX) known.clear()
    known.set(own, now)
    return now
  }
}
