// What a service manager is told of control: sd_notify(3). Without one (no NOTIFY_SOCKET) nothing is said.
import { notifySystemd } from '../native/index.js'

/** Feeds twice in the time that the manager waits. */
const beatsPerLimit = 2

export interface ManagerOptions {
  /** Throws when it cannot. */
  notify(message: string): unknown
  environment: NodeJS.ProcessEnv
  pid: number
  warn(text: string): void
}

const ours: ManagerOptions = {
  notify: notifySystemd,
  environment: process.env,
  pid: process.pid,
  warn: text => console.error(text),
}

/** Says that it is ready, and from then on, while its loop turns, that it lives. The returned function says that it stops. */
export function tellReady(
  status: string,
  { notify, environment, pid, warn }: ManagerOptions = ours,
): () => void {
  let hasFailed = false
  const tell = (message: string): void => {
    try {
      notify(message)
    } catch (error) {
      if (!hasFailed) warn(`naij-control: the service manager cannot be told: ${(error as Error).message}`)
      hasFailed = true
    }
  }
  const { WATCHDOG_USEC, WATCHDOG_PID } = environment
  const limitMs = Number(WATCHDOG_USEC) / 1000
  const isWatched = limitMs > 0 && (WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid)
  tell(`READY=1\nSTATUS=${status}`)
  const timer = isWatched ? setInterval(() => tell('WATCHDOG=1'), limitMs / beatsPerLimit).unref() : undefined
  return () => {
    clearInterval(timer)
    tell('STOPPING=1')
  }
}
