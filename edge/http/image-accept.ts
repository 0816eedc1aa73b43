// Which image formats a client says it takes (RFC 9110 12.5.1). Only what is named counts: clients that take nothing but
// the old formats say `image/*` or `*/*` as well.
import { remembering } from './remember.js'
import { quality, splitList, splitParameters } from './tokens.js'

export type ModernFormat = 'avif' | 'webp'

/** The best of what Accept names: AVIF before WebP unless it is wanted less; `source`: neither. */
export const acceptedFormat: (accept: string) => ModernFormat | 'source' = remembering(read)

function read(accept: string): ModernFormat | 'source' {
  const qualities = new Map<string, number>()
  for (const member of splitList(accept.toLowerCase())) {
    const [type, ...parameters] = splitParameters(member)
    if (type !== undefined) qualities.set(type, quality(parameters))
  }
  const [avif, webp] = [qualities.get('image/avif') ?? 0, qualities.get('image/webp') ?? 0]
  if (avif > 0 && avif >= webp) return 'avif'
  return webp > 0 ? 'webp' : 'source'
}
