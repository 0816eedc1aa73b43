// What happens, as it happens.
import { useEffect, useState } from 'preact/hooks'
import { type Api, follow, type Happened } from './api'
import { timeText } from './words'

const keptMax = 50
const againMs = 2_000

export function Happenings({ api }: { api: Api }) {
  const [events, setEvents] = useState<Happened[]>([])
  useEffect(() => {
    const abort = new AbortController()
    const run = async () => {
      while (!abort.signal.aborted) {
        setEvents([])
        await follow(
          api,
          event => setEvents(before => [event, ...before].slice(0, keptMax)),
          abort.signal,
        ).catch(() => undefined)
        await new Promise(resolve => setTimeout(resolve, againMs))
      }
    }
    void run()
    return () => abort.abort()
  }, [api])
  return (
    <section class="wide" aria-label="Events">
      <h2>Events</h2>
      {events.length === 0 && <p class="faint">Nothing has happened since control was started.</p>}
      <div class="scroll">
        <table>
          <tbody>
            {events.map(({ id, at, type, site, data }) => (
              <tr key={id}>
                <td>{timeText(at)}</td>
                <td>{type}</td>
                <td>{site ?? ''}</td>
                <td>
                  <code>{JSON.stringify(data)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
