import t from 'tap'
import { readPublicUrl } from '../../accept/public-url.js'

const cases: [text: string, expected: [authority: string, target: string] | undefined][] = [
  ['http://a.example/b?c#d', ['a.example', '/b?c']],
  ['HTTPS://A.example:443', ['a.example', '/']],
  ['https://a.example:80/', ['a.example:80', '/']],
  ['http://[::1]:8080?q', ['[::1]:8080', '/?q']],
  ['http://a.example/%61/./ü x', ['a.example', '/a/%C3%BC%20x']],
  ['//a.example/', undefined],
  ['ftp://a.example/', undefined],
  ['http:///a', undefined],
  ['http://a..example/', undefined],
  ['http://user@a.example/', undefined],
  ['http://a.example/%zz', undefined],
  ['http://a.example/\ud800', undefined],
  ['', undefined],
]
for (const [text, expected] of cases) {
  t.test(`readPublicUrl() ${JSON.stringify(text)}`, async t => {
    const read = readPublicUrl(text)
    t.strictSame(read && [read.authority, read.target], expected)
  })
}
