// Asking again and again, while somebody looks.
import { useCallback, useEffect, useState } from 'preact/hooks'

export interface Asked<Data> {
  data: Data | undefined
  error: string
  /** Now, not only when it is time. */
  again: () => void
}

/** `ask` anew whenever `key` changes, and every `everyMs`. */
export function useAsked<Data>(ask: () => Promise<Data>, key: string, everyMs: number): Asked<Data> {
  const [state, setState] = useState<{ key: string; data: Data | undefined; error: string }>({
    key,
    data: undefined,
    error: '',
  })
  const [turn, setTurn] = useState(0)
  const again = useCallback(() => setTurn(now => now + 1), [])
  useEffect(() => {
    let isOver = false
    const run = () =>
      ask().then(
        data => isOver || setState({ key, data, error: '' }),
        (error: Error) => isOver || setState(before => ({ ...before, key, error: error.message })),
      )
    void run()
    const timer = setInterval(() => document.hidden || void run(), everyMs)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [key, everyMs, turn])
  return { data: state.key === key ? state.data : undefined, error: state.error, again }
}
