// Whether what a client got is right. Pure: what happened is given.
import { contentOf } from './content.js'

export interface Exchange {
  target: string
  method: string
  /** `bytes=a-b`, '' when the whole was asked for. */
  range: string
  status: number
  version: string
  /** Where in the body the answer's first byte stands. */
  from: number
  bodyBytes: number
  /** The first byte that was not what its version has there; -1 when all were right. */
  wrongAt: number
  /**
   * `whole`: the framing says that it is complete; `cut`: it ended before; `left`: the client went away; `refused`: nobody
   * listened.
   */
  end: 'whole' | 'cut' | 'left' | 'refused'
  /** Milliseconds to the first byte, or to the end without one. */
  waitMs: number
}

export interface Circumstances {
  waitMsMax: number
  /** Something was killed or reloaded while it went on, or shortly before. */
  isDisturbed: boolean
}

/** What is wrong, or undefined. */
export function faultOf(x: Exchange, { waitMsMax, isDisturbed }: Circumstances): string | undefined {
  if (x.wrongAt >= 0) return `byte ${x.wrongAt} is not that of version ${x.version}`
  if (x.waitMs > waitMsMax) return `waited ${Math.round(x.waitMs)} ms`
  if (x.end === 'left') return undefined
  if (x.end === 'refused') return isDisturbed ? undefined : 'nobody listened'
  const { bytes, behaviour } = contentOf(x.target)
  const mayBreak = behaviour === 'breaks'
  // Its next block may be of another version by then: it is cut, never mixed.
  const mayBeCut = mayBreak || behaviour === 'ranged'
  if (x.end === 'cut') return mayBeCut || isDisturbed ? undefined : `cut after ${x.bodyBytes} bytes`
  if (x.status >= 500) return mayBreak || isDisturbed ? undefined : `status ${x.status}`
  if (x.method === 'HEAD') return x.bodyBytes === 0 ? undefined : 'a HEAD with a body'
  if (x.status === 416) return x.range === '' || bytes > 0 ? 'status 416' : undefined
  if (x.status === 206) return faultOfPart(x, bytes)
  if (x.status !== 200) return `status ${x.status}`
  if (mayBreak && bytes > 1) return 'whole, though its origin broke off'
  return x.bodyBytes === bytes ? undefined : `whole with ${x.bodyBytes} of ${bytes} bytes`
}

function faultOfPart({ range, from, bodyBytes }: Exchange, bytes: number): string | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? []
  if (first === undefined) return 'a part that nobody asked for'
  const wanted = Math.min(Number(last), bytes - 1) - Number(first) + 1
  if (from !== Number(first)) return `a part from ${from}, not ${first}`
  return bodyBytes === wanted ? undefined : `a part of ${bodyBytes}, not ${wanted} bytes`
}
