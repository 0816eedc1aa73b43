import t from 'tap'
import { stage } from './support/stage.js'

t.test('what control knows of itself', async t => {
  const s = await stage(t)
  await s.ask('GET', '/v1/sites')
  await s.ask('GET', '/v1/sites/none')
  const response = await fetch(`${s.url}/metrics`, { headers: { authorization: `Bearer ${s.token}` } })
  t.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  for (const line of [
    /^naij_control_requests_total\{method="GET",status="200"\} \d+$/m,
    /^naij_control_requests_total\{method="GET",status="404"\} 1$/m,
    /^naij_control_request_seconds_bucket\{le="0\.02"\} \d+$/m,
    /^naij_control_edges_up 0$/m,
    /^naij_control_sites 0$/m,
    /^naij_control_process_resident_memory_bytes \d+$/m,
  ])
    t.match(text, line)
})
