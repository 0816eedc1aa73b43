import t from 'tap'
import { formRules } from '../../cache/form-rules.js'
import { siteConfig } from '../support/exchange.js'

const rules = (optimise: Record<string, unknown> = {}) => formRules(siteConfig({ optimise }).optimise)

const html = ['Content-Type', 'text/html; charset=utf-8']

const cases: [row: string, status: number, fields: string[], forms: string | undefined][] = [
  ['a text', 200, html, 'compressible'],
  ['of a known length', 200, [...html, 'Content-Length', '1024'], 'compressible'],
  ['too short', 200, [...html, 'Content-Length', '1023'], undefined],
  ['too long', 200, [...html, 'Content-Length', '10485761'], undefined],
  ['an error', 404, html, undefined],
  ['a picture', 200, ['Content-Type', 'image/jpeg'], undefined],
  ['a drawing', 200, ['Content-Type', 'Image/SVG+XML'], 'compressible'],
  ['data of a kind', 200, ['Content-Type', 'application/ld+json'], 'compressible'],
  ['nobody knows', 200, [], undefined],
  ['no-transform', 200, [...html, 'Cache-Control', 'public, No-Transform'], undefined],
  ['in a coding', 200, [...html, 'Content-Encoding', 'gzip'], 'coded'],
  ['in one by our words', 200, ['Content-Encoding', 'x-gzip'], 'coded'],
  [
    'in a coding, chosen by the origin',
    200,
    ['Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding'],
    undefined,
  ],
  ['in two', 200, ['Content-Encoding', 'gzip, br'], undefined],
  ['in one that nobody knows', 200, ['Content-Encoding', 'compress'], undefined],
]

t.test('formsOf() tells what other forms a response may have', async t => {
  for (const [row, status, fields, forms] of cases)
    t.equal(rules()!.formsOf(status, fields, false), forms, row)
  t.equal(rules()!.formsOf(200, html, true), undefined, 'the field that rules forbids it')
})

t.test('a site may say otherwise', async t => {
  t.equal(rules({ compress: false }), undefined)
  const own = rules({ codings: ['gzip', 'br'], compressTypes: ['image/*'], compressBytesMin: 0 })!
  t.equal(own.choose('br, gzip'), 'gzip')
  t.equal(own.formsOf(200, ['Content-Type', 'image/jpeg', 'Content-Length', '1'], false), 'compressible')
  t.equal(own.formsOf(200, html, false), undefined)
  t.equal(rules({ codings: [] })!.choose('br'), 'identity')
})
