// Waiting until all edges that are there have what was activated.
import { dataOf } from '../client/client.js'
import { allOf, type Context, exitCodes } from './context.js'

const pauseMs = 100

/** Says how far it is; what is refused, or not there in time, makes the exit code. */
export async function activated(context: Context, revision: number, seconds: number): Promise<void> {
  const endMs = performance.now() + seconds * 1_000
  let said = ''
  for (;;) {
    const edges = (await edgesOf(context)).filter(({ state }) => state === 'up')
    const refused = edges.filter(edge => (edge.refused?.revision ?? 0) >= revision)
    const serving = edges.filter(edge => (edge.revision ?? 0) >= revision)
    const text = `${serving.length} of ${edges.length} edges serve it`
    if (text !== said) context.output.progress(text)
    said = text
    for (const edge of refused)
      context.output.progress(`${edge.name} refuses it: ${edge.refused!.reasons.join('; ')}`)
    if (refused.length > 0) context.exitCode = exitCodes.refused
    if (refused.length > 0 || serving.length === edges.length) return
    if (performance.now() > endMs) {
      context.exitCode = exitCodes.unfinished
      return
    }
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
}

export async function edgesOf({ client }: Context) {
  return allOf(cursor =>
    dataOf(client.GET('/v1/edges', { params: { query: { ...(cursor && { cursor }) } } })),
  )
}
