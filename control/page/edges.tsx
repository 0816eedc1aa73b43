// Which edges there are, what each serves, how its origins are.
import { type Api, dataOf } from './api'
import { useAsked } from './use'
import { bytesText, countText, timeText } from './words'

export function Edges({ api }: { api: Api }) {
  const asked = useAsked(() => dataOf(api.GET('/v1/edges', { params: { query: {} } })), '', 3_000)
  const edges = asked.data?.items ?? []
  const origins = edges.flatMap(({ name, health }) =>
    (health?.origins ?? []).map(origin => ({ edge: name, ...origin })),
  )
  return (
    <section class="wide" aria-label="Edges">
      <h2>Edges</h2>
      {asked.error !== '' && <p class="bad">{asked.error}</p>}
      {asked.data !== undefined && edges.length === 0 && <p class="faint">No edge has asked yet.</p>}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Edge</th>
              <th>State</th>
              <th>Revision</th>
              <th>Behind</th>
              <th>Cache</th>
              <th>Requests</th>
              <th>Last seen</th>
            </tr>
          </thead>
          <tbody>
            {edges.map(edge => (
              <tr key={edge.id}>
                <td title={edge.id}>{edge.name}</td>
                <td class={edge.state === 'up' ? 'good' : 'bad'}>
                  {edge.state}
                  {edge.health !== null && !edge.health.ready && (
                    <span class="warn"> not ready: {edge.health.missing.join('; ')}</span>
                  )}
                </td>
                <td class={edge.drift ? 'warn' : ''}>
                  {edge.revision ?? '–'}
                  {edge.drift && ` of ${edge.revisionWanted}`}
                  {edge.refused !== null && (
                    <span class="bad">
                      {' '}
                      refuses {edge.refused.revision}: {edge.refused.reasons.join('; ')}
                    </span>
                  )}
                </td>
                <td>{edge.behind}</td>
                <td>
                  {edge.health === null
                    ? '–'
                    : `${countText(edge.health.cacheEntries)}, ${bytesText(edge.health.cacheBytes)}`}
                </td>
                <td>{edge.health === null ? '–' : countText(edge.health.requests)}</td>
                <td>{timeText(edge.lastSeenAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {origins.length > 0 && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Origin</th>
                <th>Site</th>
                <th>Edge</th>
                <th>State</th>
              </tr>
            </thead>
            <tbody>
              {origins.map(({ edge, site, url, state }) => (
                <tr key={`${edge} ${site} ${url}`}>
                  <td>{url}</td>
                  <td>{site}</td>
                  <td>{edge}</td>
                  <td class={state === 'good' ? 'good' : 'bad'}>{state}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
