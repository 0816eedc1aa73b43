import t from 'tap'
import { type Item, parseDictionary, parseList } from '../../http/structured-fields.js'
import { hostileInputs } from './random.js'

/** An item in few characters: its value, `(...)` for an inner list, and its parameters. */
function short(item: Item): string {
  const value = item.type === 'innerList' ? `(${item.value.map(short).join(' ')})` : `${item.value}`
  return value + [...item.parameters].map(([key, { value }]) => `;${key}=${value}`).join('')
}

const dictionary = (text: string) => {
  const members = parseDictionary(text)
  return members && [...members].map(([key, item]) => `${key}=${short(item)}`)
}

const dictionaries: [section: string, text: string, expected: string[] | undefined][] = [
  ['4.2 empty', '', []],
  ['4.2 spaces around', '  a=1  ', ['a=1']],
  ['4.2.2 values and flags', 'a=1,\tb , c="x,y"', ['a=1', 'b=true', 'c=x,y']],
  ['4.2.2 the last of a key counts', 'a=1, b, a=2', ['a=2', 'b=true']],
  ['4.2.2 flag with parameters', 'a;x;y=1', ['a=true;x=true;y=1']],
  ['4.2.2 inner list', 'a=(1 "b");x', ['a=(1 b);x=true']],
  ['4.2.3.2 the last of a parameter counts', 'a=1; x=1;x=2', ['a=1;x=2']],
  ['4.2.3.3 upper case', 'A=1', undefined],
  ['4.2.2 comma at the end', 'a=1,', undefined],
  ['4.2.2 empty member', 'a,,b', undefined],
  ['4.2.2 comma first', ',a', undefined],
  ['4.2.2 no value', 'a=', undefined],
  ['4.2.2 space around =', 'a =1', undefined],
  ['4.2.2 space behind =', 'a= 1', undefined],
  ['4.2.2 no comma', 'a=1 b=2', undefined],
  ['4.2 tab in front', '\ta', undefined],
  ['4.2 one bad member fails the whole', 'a=1, &', undefined],
  ['4.2.3.2 bad parameter', 'a;=1', undefined],
  ['4.2.3.2 bad parameter value', 'a;x=', undefined],
  ['4.2.3.2 bad parameter of a flag', 'a;X', undefined],
]
for (const [section, text, expected] of dictionaries) {
  t.test(`parseDictionary() RFC 9651 ${section}`, async t => t.strictSame(dictionary(text), expected))
}

const lists: [section: string, text: string, expected: string[] | undefined][] = [
  ['4.2.1 empty', '', []],
  ['4.2.1 members', '"a", b;x=1,3', ['a', 'b;x=1', '3']],
  ['4.2.1.2 inner lists', '(), ( a  b ), (c;x d);y', ['()', '(a b)', '(c;x=true d);y=true']],
  ['4.2.1.2 never closed', '(a b', undefined],
  ['4.2.1.2 nothing behind the bracket', '(', undefined],
  ['4.2.1.2 no space', '("a""b")', undefined],
  ['4.2.1.2 no nesting', '((a))', undefined],
  ['4.2.1.2 bad parameter', '(a);X', undefined],
  ['4.2.1 comma at the end', 'a, ', undefined],
  ['4.2.1 no comma', 'a b', undefined],
]
for (const [section, text, expected] of lists) {
  t.test(`parseList() RFC 9651 ${section}`, async t => t.strictSame(parseList(text)?.map(short), expected))
}

t.test(
  'parseDictionary() and parseList() take any bytes, and a comma joins what each of them takes',
  async t => {
    const seeds = ['max-age=60, no-store;x=1', '"a", (b "c");d=?0, :aGk=:', '%"%c3%bc", @12, 1.5, *t']
    for (const input of hostileInputs(seeds, 6000)) {
      const list = parseList(input)
      if (list && list.length > 0 && parseList(`${input},a`)?.length !== list.length + 1) t.fail(input)
      const members = parseDictionary(input)
      if (members && members.size > 0 && parseDictionary(`${input} ,zz=1`)?.get('zz')?.value !== 1)
        t.fail(input)
    }
  },
)
