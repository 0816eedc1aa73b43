// What the demo prints when it is ready: where everything is, and four things to try. Pure.
import type { Content } from './content.js'
import { tagOf } from './resource.js'

export interface GuideOptions {
  content: Content
  port: number
  originPort: number
  controlUrl: string
}

/** The page that is asked for in the examples. */
const EXAMPLE = '/how-it-works'

/** The text, without a newline at the end. The tag in the second example is the page's own, so that it gives 304. */
export function guide({ content, port, originPort, controlUrl }: GuideOptions): string {
  const edge = `http://127.0.0.1:${port}`
  const tag = tagOf(content.resources.get(EXAMPLE)!.body)
  return `
The demo runs. Ctrl-C stops it.

  through the edge   ${edge}/
  the origin         http://127.0.0.1:${originPort}/
  control            ${controlUrl}/ (token: var/control/admin-token)
  configuration      var/demo.json, var/demo-control.json, var/demo-site.json (state: var/)

Try in another terminal; the lines below show what the edge did with each request:

  curl -i ${edge}${EXAMPLE}
      twice: first a miss, then a hit with Age (see Cache-Status)

  curl -i -H 'If-None-Match: ${tag}' ${edge}${EXAMPLE}
      304 Not Modified: you have it already

  curl -i ${edge}/api/time
      JSON that is kept for five seconds

  curl -sD- -o photograph -H 'Accept: image/avif' '${edge}/photographs/river-dusk.jpg?w=800'
      the origin has it 1600 pixels wide, as JPEG

  node dist/control/cli.js --control ${controlUrl} purge demo --all --wait 5
      what is stored is gone; \`edges list\`, \`usage\`, \`tail\` show what the edge does

time (UTC) result  status    took     size  request`
}
