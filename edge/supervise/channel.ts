// The process of a worker, or of the keeper, as its end of the messages sees it (follow.ts, keep/obey.ts): IPC, signals
// and exit behind one small interface, so that a test can follow without a process.
import type { FromWorker, ToWorker } from './messages.js'

export interface Channel<From = FromWorker, To = ToWorker> {
  /** `done` is called when the message is on its way or when nobody is left to read it. */
  send(message: From, done?: () => void): void
  onMessage(handler: (message: To) => void): void
  /** The supervisor is gone, or somebody asked this one process to end. */
  onLeave(handler: () => void): void
  /** An exception that nobody caught, or a rejection. */
  onFatal(handler: (error: unknown) => void): void
  exit(code: number): void
}

/** The channel of this process; undefined when it was not forked by a supervisor. */
export function processChannel<From = FromWorker, To = ToWorker>(): Channel<From, To> | undefined {
  const send = process.send?.bind(process)
  if (!send) return undefined
  ignoreForeignSignals()
  return {
    send: (message, done) => void send(message, undefined, undefined, () => done?.()),
    onMessage: handler => void process.on('message', message => handler(message as To)),
    onLeave: handler => {
      process.once('disconnect', handler)
      process.on('SIGTERM', handler)
    },
    onFatal: handler => {
      process.on('uncaughtException', handler)
      process.on('unhandledRejection', handler)
    },
    exit: code => process.exit(code),
  }
}

/** A terminal sends its signals to the whole group: what they mean for a worker is the supervisor's to say. */
function ignoreForeignSignals(): void {
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {})
}
