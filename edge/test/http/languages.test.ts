import t from 'tap'
import {
  contentLanguages,
  isChosen,
  languageChoice,
  matchesContentLanguage,
  reduceLanguages,
} from '../../http/languages.js'
import { hostileInputs } from './random.js'

const forms: [section: string, value: string, expected: string][] = [
  ['9110 12.5.4 one', 'en', 'en'],
  ['9110 12.5.4 in any case', 'en-GB', 'en-gb'],
  ['9110 12.5.4 the best first', 'da;q=0.5, en;q=0.8, fr', 'fr,en;q=0.8,da;q=0.5'],
  ['9110 12.5.4 equal ones by name', 'fr, en', 'en,fr'],
  ['9110 12.4.2 one spelling of a quality', 'en;q=1.000, fr;Q=0.50 , da ; q=0.', 'en,fr;q=0.5,da;q=0'],
  ['9110 12.4.2 exclusion stays', 'fr;q=0, en', 'en,fr;q=0'],
  ['9110 12.5.4 the highest of a repeated one', 'en;q=0.1, en;q=0.9', 'en;q=0.9'],
  ['9110 12.5.4 any', '*;q=0.1, en', 'en,*;q=0.1'],
  ['9110 5.6.1 empty', ' , ', ''],
  ['9110 12.5.4 not lawful: as it is', 'en, x y', 'en,x y'],
  ['9110 12.4.2 no quality: as it is', 'B;q=2,a', 'B;q=2,a'],
  ['9110 12.5.4 other parameter: as it is', 'B;x=1,a', 'B;x=1,a'],
  ['9110 12.5.4 no range: as it is', ';q=1,a', ';q=1,a'],
]
for (const [section, value, expected] of forms) {
  t.test(`reduceLanguages() RFC ${section}`, async t => t.equal(reduceLanguages(value), expected))
}

const choices: [section: string, accept: string, content: string, expected: boolean][] = [
  ['4647 3.4 exact', 'en', 'en', true],
  ['4647 2 in any case', 'EN-gb', 'en-GB', true],
  ['9110 12.5.4 the best', 'fr;q=0.5, en;q=0.9', 'en', true],
  ['9110 12.5.4 not the best', 'fr;q=0.5, en;q=0.9', 'fr', false],
  ['9110 12.5.4 one of the best', 'fr, en', 'fr', true],
  ['9110 12.5.4 not asked for', 'fr', 'en', false],
  ['4647 3.3.1 the range begins the tag', 'en', 'en-GB', true],
  ['4647 3.3.1 only at a hyphen', 'en', 'eng', false],
  ['4647 3.4 the tag begins the range', 'en-GB', 'en', false],
  ['9110 12.5.4 the more precise range counts', 'en, en-GB;q=0.1', 'en-GB', false],
  ['9110 12.4.2 excluded', 'en;q=0', 'en', false],
  ['9110 12.4.2 excluded from any', '*, en;q=0', 'en', false],
  ['4647 3.3.1 any', '*', 'en', true],
  ['9110 12.5.4 any but better ones', 'fr, *;q=0.5', 'en', false],
  ['9110 8.5 several languages', 'en', 'de, en', true],
  ['9110 8.5 none', 'en', '', false],
  ['9110 12.5.4 nothing asked', '', 'en', false],
  ['9110 12.5.4 not lawful', 'en, x y', 'en', false],
]
for (const [section, accept, content, expected] of choices) {
  t.test(`matchesContentLanguage() RFC ${section}`, async t => {
    t.equal(matchesContentLanguage(accept, content), expected)
  })
}

const contents: [section: string, value: string, expected: string][] = [
  ['8.5 one', 'de-AT', 'de-at'],
  ['8.5 several', 'De ,, EN', 'de,en'],
  ['8.5 none', ' , ', ''],
  ['8.5 more than anybody reads', 'de, '.repeat(100), ''],
]
for (const [section, value, expected] of contents) {
  t.test(`contentLanguages() RFC 9110 ${section}`, async t => t.equal(contentLanguages(value), expected))
}

t.test('languageChoice() is the ranges and the highest quality, or nothing', async t => {
  t.strictSame(languageChoice('fr;q=0.5, EN;q=0.9'), {
    ranges: new Map([
      ['fr', 0.5],
      ['en', 0.9],
    ]),
    best: 0.9,
  })
  for (const value of ['', ' , ', 'en;q=0', 'en, x y', 'en;q=2'])
    t.equal(languageChoice(value), undefined, value)
})

t.test('isChosen() is false of what has no language', async t => {
  const choice = languageChoice('*')
  t.ok(choice && isChosen(choice, 'de'))
  t.notOk(choice && isChosen(choice, ''))
})

t.test('reduceLanguages() takes any bytes, is the same twice, and keeps what matches', async t => {
  for (const input of hostileInputs(['en-GB, fr;q=0.5, *;q=0', 'da, de;q=0.25'], 6000)) {
    const once = reduceLanguages(input)
    if (reduceLanguages(once) !== once) t.fail(JSON.stringify(input))
    for (const content of ['en-gb', 'fr', input]) {
      if (matchesContentLanguage(input, content) !== matchesContentLanguage(once, content))
        t.fail(JSON.stringify(input))
    }
  }
})
