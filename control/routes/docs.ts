// /docs: the API for people, made of its OpenAPI.
import type { FastifyInstance } from 'fastify'

interface Operation {
  parameters?: { name: string; in: string; required?: boolean }[]
  requestBody?: { content: Record<string, { schema: unknown }> }
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>
}

const fields = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
}

export function docsRoute(app: FastifyInstance): void {
  app.get('/docs', { schema: { hide: true } }, async (_, reply) =>
    reply
      .headers(fields)
      .type('text/html; charset=utf-8')
      .send(pageOf(app.swagger() as never)),
  )
}

/** `document`: OpenAPI 3.1. */
export function pageOf(document: {
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
}): string {
  const { title, version } = document.info
  const operations = Object.entries(document.paths)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => operationOf(method, path, operation)),
    )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
pre{overflow-x:auto}summary{cursor:pointer;padding:.3rem 0}summary b{display:inline-block;width:5rem}</style>
<h1>${escaped(title)} ${escaped(version)}</h1>
<p>Every request says who asks: <code>Authorization: Bearer nce_…</code>. Errors are RFC 9457. For programs: <a href="/v1/openapi.json">OpenAPI 3.1</a>.</p>
${operations.join('\n')}
`
}

function operationOf(
  method: string,
  path: string,
  { parameters = [], requestBody, responses }: Operation,
): string {
  const names = parameters.map(
    ({ name, in: where, required }) => `${name} (${where}${required ? '' : ', optional'})`,
  )
  const parts = [
    names.length === 0 ? '' : `<p>${escaped(names.join(', '))}</p>`,
    ...schemasOf('request', requestBody?.content),
    ...Object.entries(responses)
      .filter(([status]) => !status.startsWith('4'))
      .flatMap(([status, { content }]) => schemasOf(status, content)),
  ]
  return `<details><summary><b>${method.toUpperCase()}</b> <code>${escaped(path)}</code></summary>${parts.join('')}</details>`
}

function schemasOf(name: string, content: Record<string, { schema: unknown }> = {}): string[] {
  return Object.entries(content).map(
    ([type, { schema }]) =>
      `<p>${escaped(`${name}: ${type}`)}</p><pre>${escaped(JSON.stringify(schema, null, 2))}</pre>`,
  )
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
