// What one connection of HTTP/2 may do without asking anything: be idle, take back what it asked (rapid reset,
// CVE-2023-44487), send settings and pings. Streams, heads and memory have limits in the server's own settings.
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { EdgeError } from '../error.js'

const windowMs = 60_000

/** `listen[].idleMs`: without a stream; `resetsPerMinuteMax`: of all that is said and not asked. */
export function boundSession(
  session: ServerHttp2Session,
  { idleMs, resetsPerMinuteMax: noiseMax }: { idleMs: number; resetsPerMinuteMax: number },
): void {
  let streams = 0
  let noise = 0
  let sinceMs = performance.now()
  const note = (): void => {
    const nowMs = performance.now()
    if (nowMs - sinceMs > windowMs) [noise, sinceMs] = [0, nowMs]
    noise += 1
    if (noise > noiseMax && !session.destroyed)
      session.destroy(tooNoisy(), constants.NGHTTP2_ENHANCE_YOUR_CALM)
  }
  session.on('ping', note)
  session.on('remoteSettings', note)
  session.on('stream', (stream: ServerHttp2Stream) => {
    streams += 1
    stream.once('close', () => {
      streams -= 1
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) note()
    })
  })
  session.setTimeout(idleMs, () => {
    if (streams === 0) session.close()
  })
}

function tooNoisy(): EdgeError {
  return new EdgeError('http2-noise', 'too much was said and not asked', { source: 'client', status: 429 })
}
