// The page: who asks, about which site, and the parts.
import { render } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { type Api, apiOf, dataOf, savedToken, saveToken } from './api'
import { Edges } from './edges'
import { Happenings } from './happenings'
import { Overview } from './overview'
import { Purge } from './purge'
import { useAsked } from './use'
import { Versions } from './versions'

function Page() {
  const [token, setToken] = useState(savedToken())
  const api = useMemo(() => apiOf(token), [token])
  const login = (next: string) => {
    saveToken(next)
    setToken(next)
  }
  return token === '' ? <Login onToken={login} /> : <Desk api={api} onLeave={() => login('')} />
}

function Login({ onToken }: { onToken: (token: string) => void }) {
  const [text, setText] = useState('')
  const [error, setError] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    const { response } = await apiOf(text.trim()).GET('/v1/sites', { params: { query: { limit: '1' } } })
    if (response.ok) onToken(text.trim())
    else setError(response.status === 401 ? 'This is no valid token.' : 'This token may not see sites.')
  }
  return (
    <section class="login">
      <h2>NaijCloud</h2>
      <form onSubmit={submit}>
        <input
          type="password"
          aria-label="Token"
          placeholder="nce_…"
          autocomplete="current-password"
          value={text}
          onInput={event => setText(event.currentTarget.value)}
        />
        <button type="submit" class="main">
          Enter
        </button>
      </form>
      {error !== '' && (
        <p class="bad" role="alert">
          {error}
        </p>
      )}
      <p class="faint">The first token lies in the file admin-token in the state directory of control.</p>
    </section>
  )
}

function Desk({ api, onLeave }: { api: Api; onLeave: () => void }) {
  const sites = useAsked(
    () => dataOf(api.GET('/v1/sites', { params: { query: { limit: '1000' } } })),
    '',
    10_000,
  )
  const [site, setSite] = useState('')
  const names = (sites.data?.items ?? []).map(({ name }) => name)
  return (
    <>
      <header>
        <h1>NaijCloud</h1>
        <select aria-label="Site" value={site} onChange={event => setSite(event.currentTarget.value)}>
          <option value="">all sites</option>
          {names.map(name => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <span class="gap" />
        <button type="button" onClick={onLeave}>
          Leave
        </button>
      </header>
      <main>
        {sites.error !== '' && <section class="wide bad">{sites.error}</section>}
        <Overview api={api} site={site} />
        {site !== '' && <Versions key={site} api={api} site={site} />}
        {site !== '' && <Purge key={site} api={api} site={site} />}
        <Edges api={api} />
        <Happenings api={api} />
      </main>
    </>
  )
}

render(<Page />, document.getElementById('page')!)
