// Purging, and which edge has done so.
import { useState } from 'preact/hooks'
import { type Api, dataOf } from './api'
import { useAsked } from './use'
import { timeText } from './words'

type Kind = 'url' | 'prefix' | 'tag' | 'site'

export function Purge({ api, site }: { api: Api; site: string }) {
  const [kind, setKind] = useState<Kind>('url')
  const [text, setText] = useState('')
  const [soft, setSoft] = useState(false)
  const [id, setId] = useState('')
  const [error, setError] = useState('')

  const purge = async (event: Event) => {
    event.preventDefault()
    setError('')
    const items = text.split('\n').flatMap(line => line.trim() || [])
    if (kind === 'site' && !confirm(`Everything stored of ${site}?`)) return
    const body = { kind, soft, ...(kind !== 'site' && { items }) }
    try {
      const made = await dataOf(
        api.POST('/v1/sites/{name}/purges', { params: { path: { name: site } }, body }),
      )
      if ('id' in made) setId(made.id)
    } catch (reason) {
      setError((reason as Error).message)
    }
  }

  return (
    <section aria-label="Purge">
      <h2>Purge of {site}</h2>
      <form onSubmit={purge}>
        <select aria-label="What" value={kind} onChange={event => setKind(event.currentTarget.value as Kind)}>
          <option value="url">URLs</option>
          <option value="prefix">everything below URLs</option>
          <option value="tag">tags</option>
          <option value="site">the whole site</option>
        </select>
        <label>
          <input type="checkbox" checked={soft} onChange={event => setSoft(event.currentTarget.checked)} />{' '}
          only make stale
        </label>
        {kind !== 'site' && (
          <textarea
            aria-label="One a line"
            placeholder={kind === 'tag' ? 'news' : 'https://www.example.org/path'}
            value={text}
            onInput={event => setText(event.currentTarget.value)}
          />
        )}
        <button type="submit" class="main">
          Purge
        </button>
      </form>
      {error !== '' && <pre class="bad">{error}</pre>}
      {id !== '' && <Receipts api={api} id={id} />}
    </section>
  )
}

function Receipts({ api, id }: { api: Api; id: string }) {
  const asked = useAsked(() => dataOf(api.GET('/v1/purges/{id}', { params: { path: { id } } })), id, 1_000)
  const purge = asked.data
  if (purge === undefined) return <p class="faint">{asked.error || '…'}</p>
  return (
    <div class="scroll" role="status">
      <p>
        <b class={purge.state === 'applied' ? 'good' : 'warn'}>{purge.state}</b> at {purge.edges.applied} of{' '}
        {purge.edges.total} edges
      </p>
      <table>
        <tbody>
          {purge.receipts.map(({ edge, name, state, at, reasons }) => (
            <tr key={edge}>
              <td>{name}</td>
              <td class={state === 'applied' ? 'good' : 'warn'}>{state}</td>
              <td>{timeText(at)}</td>
              <td class="bad">{reasons.join('; ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
