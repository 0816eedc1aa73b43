// Request fields as byte strings, the way http/ and the origin want them. The engine decodes values as UTF-8; what was
// valid UTF-8 is turned back exactly, the rest is read once more as latin1 where the engine still can.
import type { Exchange } from '../exchange.js'

const ascii = /^[\x00-\x7f]*$/

/** Only before the accepting call returns. Returns `x.fields` itself when every value is ASCII. */
export function fieldBytes(x: Exchange): string[] {
  const { fields } = x
  let bytes: string[] | undefined
  for (let i = 1; i < fields.length; i += 2) {
    if (ascii.test(fields[i])) continue
    bytes ??= [...fields]
    bytes[i] = valueBytes(x, i)
  }
  return bytes ?? fields
}

function valueBytes(x: Exchange, at: number): string {
  const name = x.fields[at - 1]
  const value = x.fields[at]
  // U+FFFD: the bytes were not UTF-8. The engine gives the first line of a name as latin1; a repeated one stays lossy.
  if (value.includes('\ufffd') && isFirst(x.fields, name, at - 1)) return x.responder.fieldBytes(name)
  return Buffer.from(value, 'utf8').toString('latin1')
}

/** Whether no line of this name stands before the one at `at`; a value may be equal to a name. */
function isFirst(fields: readonly string[], name: string, at: number): boolean {
  for (let i = 0; i < at; i += 2) if (fields[i] === name) return false
  return true
}
