import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { catalogTarget, OBJECT_BYTES, OBJECTS } from '../../catalog-objects.js'
import { catalog, fillCatalog, uniformLines, zipfLines } from '../../scenarios/catalog.js'
import { listenOn } from '../support/servers.js'

t.test('catalog asks for some more than others, or for each once', async t => {
  t.strictSame(zipfLines(), zipfLines(), 'the same each time')
  const first = zipfLines().filter(line => line === catalogTarget(0)).length
  t.ok(first > 1_000, `${first}`)
  const uniform = uniformLines()
  t.equal(new Set(uniform).size, OBJECTS)
  t.notSame(uniform.slice(0, 5), [0, 1, 2, 3, 4].map(catalogTarget))
  t.equal(catalog.objection({ status: 200, body: Buffer.alloc(0), fields: {} }), 'is not a cache hit')
})

async function serve(t: Test, bytes: number): Promise<string> {
  const port = await listenOn(
    t,
    createServer((_, response) => response.end(Buffer.alloc(bytes))),
  )
  return `http://127.0.0.1:${port}`
}

t.test('fillCatalog() sees that each object is there', async t => {
  await fillCatalog(await serve(t, OBJECT_BYTES), 5)
  await t.rejects(fillCatalog(await serve(t, 5), 5), { message: /is answered with 200 and 5 bytes/ })
})
