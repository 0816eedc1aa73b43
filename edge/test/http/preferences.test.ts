import t from 'tap'
import { isWeight, writePreferences } from '../../http/preferences.js'

const weights: [section: string, parameter: string, expected: boolean][] = [
  ['12.4.2 one', 'q=1', true],
  ['12.4.2 one, written out', 'q=1.000', true],
  ['12.4.2 none', 'q=0', true],
  ['12.4.2 three digits', 'q=0.123', true],
  ['12.4.2 no digit', 'q=0.', true],
  ['12.4.2 four digits', 'q=0.1234', false],
  ['12.4.2 more than one', 'q=1.001', false],
  ['12.4.2 no number', 'q=', false],
  ['12.4.2 another parameter', 'level=1', false],
  ['12.4.2 space', 'q= 1', false],
]
for (const [section, parameter, expected] of weights) {
  t.test(`isWeight() RFC 9110 ${section}`, async t => t.equal(isWeight(parameter), expected))
}

t.test('writePreferences() is one text for the same preferences (RFC 9110 12.4)', async t => {
  const pairs: [string, number][] = [
    ['b', 1],
    ['c', 0],
    ['a', 1],
    ['d', 0.25],
  ]
  t.equal(writePreferences(new Map(pairs)), 'a,b,d;q=0.25,c;q=0')
  t.equal(writePreferences(new Map(pairs.reverse())), 'a,b,d;q=0.25,c;q=0')
  t.equal(writePreferences(new Map()), '')
})
