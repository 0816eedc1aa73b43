// A head as the fields that it is, for engines that write them one by one.
import { type Head, type Responder, withMoreLines } from './responder.js'

/** A flat list, with the further lines of the responder, which are taken. */
export function fieldsOf(responder: Pick<Responder, 'moreLines'>, given: Head): string[] {
  const { block, tail } = responder.moreLines === '' ? given : withMoreLines(responder, given)
  const text = `${Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString('latin1')}: ${tail}`
  const fields = text.split('\r\n').flatMap(line => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trimStart()]
  })
  if (given.date !== undefined) fields.push('Date', given.date)
  return fields
}
