// The versions of a site: what each changes, and the way back.
import { useState } from 'preact/hooks'
import { type Api, dataOf } from './api'
import { useAsked } from './use'
import { timeText } from './words'

type Change = { pointer: string; before?: unknown; after?: unknown }

export function Versions({ api, site }: { api: Api; site: string }) {
  const params = { path: { name: site } }
  const asked = useAsked(
    () => dataOf(api.GET('/v1/sites/{name}/versions', { params: { ...params, query: {} } })),
    site,
    5_000,
  )
  const [shown, setShown] = useState<{ site: string; number: number; changes: Change[] }>()
  const [said, setSaid] = useState('')
  const versions = [...(asked.data?.items ?? [])].reverse()
  const active = versions.find(({ state }) => state === 'active')
  const at = (number: number) => ({ path: { name: site, number: String(number) } })

  const tell = (work: () => Promise<string>) =>
    void work().then(setSaid, (error: Error) => setSaid(error.message))
  const diff = (number: number) =>
    tell(async () => {
      const query = { against: String(active?.number ?? number) }
      const { changes } = await dataOf(
        api.GET('/v1/sites/{name}/versions/{number}/diff', { params: { ...at(number), query } }),
      )
      setShown({ site, number, changes })
      return ''
    })
  const activate = (number: number) =>
    tell(async () => {
      const comment = prompt(`Why does version ${number} of ${site} become active?`)
      if (comment === null || comment === '') return ''
      const { response } = await api.GET('/v1/sites/{name}', { params })
      const headers = { 'if-match': response.headers.get('etag') ?? '' }
      const answer = api.POST('/v1/sites/{name}/versions/{number}:activate', {
        params: at(number),
        headers,
        body: { comment },
      })
      const { revision } = await dataOf(answer)
      asked.again()
      return `Version ${number} is active: revision ${revision}.`
    })

  return (
    <section aria-label="Versions">
      <h2>Versions of {site}</h2>
      {asked.error !== '' && <p class="bad">{asked.error}</p>}
      <div class="scroll">
        <table>
          <tbody>
            {versions.map(({ number, state, activatedAt, comment }) => (
              <tr key={number}>
                <td>{number}</td>
                <td class={state === 'active' ? 'good' : 'faint'}>{state}</td>
                <td>{timeText(activatedAt)}</td>
                <td>{comment}</td>
                <td>
                  <div class="row">
                    {state !== 'active' && active !== undefined && (
                      <button type="button" onClick={() => diff(number)}>
                        Diff
                      </button>
                    )}
                    {state !== 'active' && (
                      <button type="button" onClick={() => activate(number)}>
                        {state === 'past' ? 'Roll back' : 'Activate'}
                      </button>
                    )}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {said !== '' && (
        <p role="status">
          <code>{said}</code>
        </p>
      )}
      {shown?.site === site && <Diff number={shown.number} changes={shown.changes} />}
    </section>
  )
}

function Diff({ number, changes }: { number: number; changes: readonly Change[] }) {
  if (changes.length === 0) return <p>Version {number} is the same as what is active.</p>
  return (
    <div class="scroll">
      <table>
        <tbody>
          {changes.map(({ pointer, before, after }) => (
            <tr key={pointer}>
              <td>
                <code>{pointer || '/'}</code>
              </td>
              <td>
                {before !== undefined && <pre class="bad">− {JSON.stringify(before)}</pre>}
                {after !== undefined && <pre class="good">+ {JSON.stringify(after)}</pre>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
