import t from 'tap'
import { reduceAccept } from '../../http/accept.js'
import { hostileInputs } from './random.js'

const forms: [section: string, value: string, expected: string][] = [
  ['12.5.1 one', 'text/html', 'text/html'],
  ['8.3.1 in any case', 'TEXT/Html', 'text/html'],
  ['12.5.1 equal ones by name', 'image/webp, image/avif', 'image/avif,image/webp'],
  ['12.5.1 the best first', 'a/a;q=0.1, a/b;q=0.9, a/c', 'a/c,a/b;q=0.9,a/a;q=0.1'],
  ['12.4.2 one spelling of a quality', 'a/a;q=1.00,a/b ; Q=0.50', 'a/a,a/b;q=0.5'],
  ['12.4.2 exclusion stays', '*/*, image/avif;q=0', '*/*,image/avif;q=0'],
  ['12.5.1 ranges', 'image/*;q=0.8, */*;q=0.5', 'image/*;q=0.8,*/*;q=0.5'],
  ['5.6.6 parameters', 'a/a; Level=1 ;q=0.5, a/a', 'a/a,a/a;level=1;q=0.5'],
  ['5.6.6 a value keeps its case', 'a/a;x=Y', 'a/a;x=Y'],
  ['5.6.4 a comma in quotes', 'a/b, a/a;x=",;"', 'a/a;x=",;",a/b'],
  ['5.6.1 empty members', ',, a/a ,', 'a/a'],
  ['5.6.1 empty', ' ', ''],
  ['12.5.1 repeated', 'a/a, A/a', 'a/a'],
  ['12.5.1 repeated with another quality: as it is', 'b/b, a/a;q=0.1, a/a', 'b/b,a/a;q=0.1,a/a'],
  ['12.5.1 no type: as it is', 'b, a/a', 'b,a/a'],
  ['12.5.1 two slashes: as it is', 'b/b/b, a/a', 'b/b/b,a/a'],
  ['12.5.1 any type of a subtype: as it is', '*/b, a/a', '*/b,a/a'],
  ['12.5.1 no range: as it is', ';q=1, a/a', ';q=1,a/a'],
  ['12.4.2 no quality: as it is', 'b/b;q=2, a/a', 'b/b;q=2,a/a'],
  ['12.5.1 parameters behind the weight: as it is', 'b/b;q=1;x=y, a/a', 'b/b;q=1;x=y,a/a'],
  ['5.6.6 no parameter: as it is', 'b/b;x, a/a', 'b/b;x,a/a'],
]
for (const [section, value, expected] of forms) {
  t.test(`reduceAccept() RFC 9110 ${section}`, async t => t.equal(reduceAccept(value), expected))
}

t.test('reduceAccept() takes any bytes, and is the same twice', async t => {
  for (const input of hostileInputs(['text/html, image/*;q=0.5', 'a/b;x="y,z";q=0.25'], 6_000)) {
    const once = reduceAccept(input)
    if (reduceAccept(once) !== once) t.fail(JSON.stringify(input))
  }
})
