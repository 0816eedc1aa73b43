// Ends all WebSockets of a worker that leaves: not all in one moment, as each of their clients comes back at once.
import type { WebSocketSession } from './web-socket-session.js'

const stepMs = 50

/** Over `overMs`, the first ones now. Returns what stops it. */
export function leaveWebSockets(
  open: ReadonlySet<Pick<WebSocketSession, 'leave'>>,
  overMs: number,
): () => void {
  const perStep = Math.max(1, Math.ceil((open.size * stepMs) / Math.max(overMs, stepMs)))
  const step = (): void => {
    let left = perStep
    for (const session of open) {
      if (left === 0) return
      left -= 1
      session.leave()
    }
  }
  step()
  const timer = setInterval(step, stepMs)
  return () => clearInterval(timer)
}
