// Says again and again repeated failures once in a while, with how many there were.
import { EdgeError } from '../error.js'

export interface SeldomDetails {
  message: string
  /** Failures of this code since it was last said, this one included. */
  times: number
}

/** `say` is called at most once per code and `everyMs`, with the latest failure. */
export function seldom(
  everyMs: number,
  say: (code: string, details: SeldomDetails) => void,
  now: () => number = () => performance.now(),
): (error: unknown) => void {
  const said = new Map<string, { atMs: number; times: number }>()
  return error => {
    const code = error instanceof EdgeError ? error.code : 'failed'
    const last = said.get(code) ?? { atMs: Number.NEGATIVE_INFINITY, times: 0 }
    last.times += 1
    said.set(code, last)
    if (now() - last.atMs < everyMs) return
    last.atMs = now()
    say(code, { message: error instanceof Error ? error.message : String(error), times: last.times })
    last.times = 0
  }
}
