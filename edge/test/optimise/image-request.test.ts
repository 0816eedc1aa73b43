import t from 'tap'
import type { ImageFields, ImageRequest } from '../../optimise/image-request.js'
import { readImageRequest, signatureOf } from '../../optimise/image-request.js'
import { siteConfig } from '../support/exchange.js'

const nobody: ImageFields = { accept: undefined, saveData: undefined, width: undefined, dpr: undefined }

function readOf(
  query: string,
  image: Record<string, unknown> = {},
  fields: Partial<ImageFields> = {},
  secret?: Buffer,
) {
  const config = siteConfig({ optimise: { images: true, image } }).optimise.image
  return readImageRequest(`/a.jpg${query}`, { ...nobody, ...fields }, { config, secret }, 1_000_000)
}

const asked: [query: string, target: string, work: Record<string, unknown>][] = [
  [
    '?w=300',
    '/a.jpg',
    { width: 300, height: undefined, fit: 'inside', format: 'source', isAuto: true, quality: 78 },
  ],
  ['?h=9&w=300', '/a.jpg', { width: 300, height: 9, fit: 'cover' }],
  ['?v=1&w=300&x=2', '/a.jpg?v=1&x=2', { width: 300 }],
  ['?w=300&w=400', '/a.jpg', { width: 300 }],
  ['?w=150&dpr=2', '/a.jpg', { width: 300 }],
  ['?w=101&dpr=1.5', '/a.jpg', { width: 152 }],
  ['?fit=fill&q=5&format=webp', '/a.jpg', { fit: 'fill', quality: 5, format: 'webp', isAuto: false }],
  ['?format=avif', '/a.jpg', { quality: 50 }],
  ['?format=webp', '/a.jpg', { quality: 75 }],
  ['?preset=card&w=9', '/a.jpg', { width: 90, height: 90, fit: 'cover', quality: 60, format: 'webp' }],
]

t.test('readImageRequest() takes what is ours out of the target', async t => {
  const presets = [{ name: 'card', w: 90, h: 90, q: 60, format: 'webp' }]
  for (const [query, target, work] of asked)
    t.match(readOf(query, { presets }), { target, work: { kind: 'image', effort: 'fast', ...work } }, query)
  for (const query of ['', '?', '?v=1', '?W=1', '?width=300']) t.equal(readOf(query), undefined, query)
})

t.test('readImageRequest() chooses by what the client takes', async t => {
  const formats: [accept: string, format: string][] = [
    ['image/avif,image/webp,*/*', 'avif'],
    ['IMAGE/WEBP', 'webp'],
    ['image/avif;q=0.5,image/webp;q=0.9', 'webp'],
    ['image/avif;q=0,image/webp;q=0', 'source'],
    ['image/*,*/*', 'source'],
  ]
  for (const [accept, format] of formats)
    t.match(readOf('?w=1', {}, { accept }), { work: { format, isAuto: true } }, accept)
})

t.test('readImageRequest() hears hints where the site wants that', async t => {
  const said = { saveData: 'on', width: '640', dpr: '2' }
  t.match(readOf('?q=80', {}, said), { work: { width: undefined, quality: 80, hints: [] } })
  const both = { clientHints: true, saveData: true }
  t.match(readOf('?q=80', both, said), {
    work: { width: 640, quality: 56, hints: ['sec-ch-dpr', 'sec-ch-width', 'save-data'] },
  })
  t.match(readOf('?w=100', both, said), { work: { width: 200, hints: ['sec-ch-dpr', 'save-data'] } })
  t.match(readOf('?w=100', both, { dpr: 'x' }), { code: 'image-request' })
})

t.test('readImageRequest() says what is wrong', async t => {
  const bad: [query: string, image: Record<string, unknown>, message: RegExp][] = [
    ['?w=0', {}, /^w is a whole number from 1 to 4096, after dpr/],
    ['?h=4097', {}, /^h is a whole number/],
    ['?w=2049&dpr=2', {}, /^w is a whole number/],
    ['?w=7', { sides: [8, 9] }, /^w is one of 8, 9/],
    ['?dpr=4.1', {}, /^dpr is a number from 1 to 4/],
    ['?fit=', {}, /^fit is one of cover, contain, inside, fill/],
    ['?format=gif', {}, /^format is one of auto, avif, webp, jpeg, png/],
    ['?q=101', {}, /^q is a whole number from 1 to 100/],
    ['?preset=x', {}, /^There is no such preset/],
    ['?w=1', { presetsOnly: true }, /^Only presets/],
  ]
  for (const [query, image, message] of bad)
    t.match(readOf(query, image), { status: 400, code: 'image-request', message }, query)
})

t.test('readImageRequest() takes nothing but what was signed, as long as that holds', async t => {
  const secret = Buffer.from('of the site')
  const own = new Map([
    ['w', '10'],
    ['exp', '1001'],
  ])
  const sig = signatureOf('/a.jpg?v=1', own, secret)
  t.ok((readOf(`?exp=1001&v=1&sig=${sig}&w=10`, {}, {}, secret) as ImageRequest).work, 'in any order')
  t.match(readOf(`?v=1&w=10&sig=${sig}`, {}, {}, secret), { status: 403, code: 'image-signature' })
  t.match(readOf(`?v=2&w=10&exp=1001&sig=${sig}`, {}, {}, secret), { status: 403 })
  t.match(readOf('?w=10', {}, {}, secret), { status: 403 })
  const late = signatureOf('/a.jpg', new Map([['exp', '1000']]), secret)
  t.match(readOf(`?exp=1000&sig=${late}`, {}, {}, secret), { status: 403, code: 'image-expired' })
})
