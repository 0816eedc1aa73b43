// The demo's addresses whose answers are made at each request: a clock, a slow one, one that fails at times, a
// private one, one in several languages. Pure but for counting; the delay is kept by origin.ts.
import type { Resource } from './resource.js'

export interface EndpointAnswer extends Resource {
  /** How long the origin seems to work on it. */
  delayMs?: number
}

export type Endpoint = (request: { acceptLanguage: string; now: Date }) => EndpointAnswer

const SLOW_MS = 2_000
const FAILS_EVERY = 3

/** Tag of the language -> how one says good day. The first is given to who understands none of them. */
const GREETINGS: Record<string, string> = {
  en: 'Good day, and welcome.',
  yo: 'Ẹ káàsán, ẹ kú àbọ̀.',
  ha: 'Barka da rana, sannu da zuwa.',
  ig: 'Ehihie ọma, nnọọ.',
  fr: 'Bonjour et bienvenue.',
}

/** Path -> endpoint. Each call gives endpoints that count on their own. */
export function makeEndpoints(): ReadonlyMap<string, Endpoint> {
  return new Map<string, Endpoint>([
    ['/api/time', timeEndpoint()],
    [
      '/slow',
      ({ now }) => ({ ...text(now, 'That took two seconds.\n', 'public, max-age=30'), delayMs: SLOW_MS }),
    ],
    ['/sometimes', sometimesEndpoint()],
    ['/private', ({ now }) => text(now, 'This is for your eyes only.\n', 'private, max-age=60')],
    ['/vary', greet],
  ])
}

function timeEndpoint(): Endpoint {
  let answers = 0
  return ({ now }) => {
    answers++
    const body = `${JSON.stringify({ time: now.toISOString(), answers })}\n`
    return { ...text(now, body, 'public, max-age=5'), type: 'application/json' }
  }
}

/** Fails on every third request that gets through to it. */
function sometimesEndpoint(): Endpoint {
  let requests = 0
  return ({ now }) => {
    requests++
    const words = `Request ${requests}: `
    if (requests % FAILS_EVERY !== 0) {
      return text(now, `${words}all is well.\n`, 'public, max-age=2, stale-if-error=60')
    }
    const failed = text(now, `${words}this one fails, like every third.\n`, 'no-store')
    return { ...failed, status: 503, fields: { 'Retry-After': '1' } }
  }
}

function greet({ acceptLanguage, now }: { acceptLanguage: string; now: Date }): EndpointAnswer {
  const language = chooseLanguage(acceptLanguage, Object.keys(GREETINGS))
  // Greetings do not change with the hour: a fixed day, so that the validators last.
  const modifiedAt = new Date(Math.min(now.getTime(), Date.UTC(2026, 0, 5)))
  const body = `${GREETINGS[language]}\n`
  return {
    ...text(modifiedAt, body, 'public, max-age=60'),
    fields: { Vary: 'Accept-Language', 'Content-Language': language },
  }
}

/** The known language with the highest quality (RFC 9110 12.5.4; ranges by their first part), else the first known. */
export function chooseLanguage(acceptLanguage: string, known: readonly string[]): string {
  const wanted = acceptLanguage
    .split(',')
    .map(member => {
      const [range = '', ...parameters] = member.split(';').map(part => part.trim())
      const quality = parameters.find(parameter => parameter.startsWith('q='))
      return { language: range.split('-')[0]!.toLowerCase(), quality: quality ? Number(quality.slice(2)) : 1 }
    })
    .filter(({ language, quality }) => quality > 0 && known.includes(language))
    .sort((a, b) => b.quality - a.quality)
  return wanted[0]?.language ?? known[0]!
}

function text(modifiedAt: Date, body: string, cacheControl: string): EndpointAnswer {
  const type = 'text/plain; charset=utf-8'
  return { status: 200, type, body: Buffer.from(body), cacheControl, modifiedAt }
}
