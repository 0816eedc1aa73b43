import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { fill, PAGES, readContent } from '../../demo/content.js'
import { PHOTOGRAPHS } from '../../demo/photographs.js'
import { packageRoot } from '../../root.js'

const photographs = PHOTOGRAPHS.map(({ name }) => ({
  file: `${name}.jpg`,
  bytes: Buffer.from(name),
  modifiedAt: new Date(0),
}))
const options = { root: packageRoot(), photographs, address: 'http://127.0.0.1:8080' }

t.test('readContent() leaves no link that leads nowhere and no word unfilled', async t => {
  const { resources, notFound } = await readContent(options)
  const made = ['/api/time', '/slow', '/sometimes', '/private', '/vary', '/nothing-here']
  for (const page of [...PAGES.map(({ path }) => resources.get(path)!), notFound]) {
    const text = page.body.toString()
    t.notMatch(text, /\{\{/)
    const quoted = [...text.matchAll(/(?:href|src)="(\/[^"#?]*)/g)].map(match => match[1]!)
    const sources = [...text.matchAll(/(\/photographs\/\S+\.jpg)\?w=\d+ \d+w/g)].map(match => match[1]!)
    for (const target of [...quoted, ...sources]) t.ok(resources.has(target) || made.includes(target), target)
  }
})

t.test('readContent() serves uPlot itself, under a name that changes with it', async t => {
  const { resources } = await readContent(options)
  const path = [...resources.keys()].find(name => name.startsWith('/assets/uPlot.iife.min.'))!
  const file = join(createRequire(import.meta.url).resolve('uplot/package.json'), '../dist/uPlot.iife.min.js')
  t.match(path, /^\/assets\/uPlot\.iife\.min\.[0-9a-f]{10}\.js$/)
  t.match(resources.get(path), { type: 'text/javascript; charset=utf-8', cacheControl: /immutable/ })
  t.ok(resources.get(path)!.body.equals(readFileSync(file)))
  t.ok(resources.get('/measure')!.body.toString().includes(path))
})

t.test('readContent() says how long each may be kept', async t => {
  const { resources, notFound } = await readContent(options)
  t.match(resources.get('/'), { status: 200, type: 'text/html; charset=utf-8', cacheControl: /max-age=600/ })
  t.match(resources.get('/photographs/river-dusk.jpg'), { type: 'image/jpeg', cacheControl: /31536000/ })
  t.match(resources.get('/robots.txt'), { type: 'text/plain; charset=utf-8' })
  t.match(notFound, { status: 404, cacheControl: 'public, max-age=10' })
})

t.test('fill() puts values in place and refuses a word without one', async t => {
  const words = (word: string, argument: string) => (word === 'known' ? `<${argument}>` : undefined)
  t.equal(fill('a {{known}} b {{known with this}}', words), 'a <> b <with this>')
  t.throws(() => fill('{{other x}}', words), { message: 'nothing to put in the place of {{other x}}' })
})
