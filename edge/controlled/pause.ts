// Waiting that can be cut short.

/** Resolves after `timeMs`, or when it is aborted. */
export function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, timeMs)
    signal.addEventListener('abort', end)
  })
}
