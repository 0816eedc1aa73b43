// How much of who asked for what is written down: pure. What is left out here is in no log line and in nothing that is
// shown from afar.
import type { EdgeConfig } from '../../config/settings.js'

export type Privacy = Pick<EdgeConfig['log'], 'clientAddress' | 'query'>

/** Of an IPv4 address three bytes are left, of an IPv6 address 48 bits: a network, no household. */
const groupsKept = 3

/** The address as it may be written down; '' when it may not. */
export function shownAddress(address: string, { clientAddress }: Pick<Privacy, 'clientAddress'>): string {
  if (clientAddress === 'whole') return address
  return clientAddress === 'off' ? '' : truncated(address)
}

function truncated(address: string): string {
  if (!address.includes(':')) return address.replace(/\.\d+$/, '.0')
  // RFC 4291 2.2: `::` stands for as many groups of zeros as are missing.
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : Math.max(8 - before.length - after.length, 0)
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after].slice(0, groupsKept)
  while (groups.at(-1) === '0') groups.pop()
  return `${groups.join(':')}::`
}

/** The target as it may be written down: its query may hold what is nobody else's business. */
export function shownTarget(target: string, { query }: Pick<Privacy, 'query'>): string {
  if (query === 'whole') return target
  const at = target.indexOf('?')
  return at < 0 ? target : target.slice(0, at)
}
