import t from 'tap'
import { availableDictionary, isOffered, offerFor, takesDelta } from '../../http/dictionaries.js'

const hash = 'pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4='

t.test('availableDictionary() reads a byte sequence of 32 bytes (RFC 9842 2.2)', async t => {
  const hex = 'a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e'
  t.equal(availableDictionary(['Available-Dictionary', `:${hash}:`]), hex)
  t.equal(availableDictionary(['available-dictionary', ` :${hash}: `]), hex)
  for (const bad of ['', hash, `:${hash.slice(4)}:`, `"${hash}"`, `:${hash}:, :${hash}:`])
    t.equal(availableDictionary(['Available-Dictionary', bad]), undefined, bad)
  t.equal(availableDictionary([]), undefined)
})

t.test('takesDelta() wants it said by name', async t => {
  for (const [accept, takes] of [
    ['gzip, br, zstd, dcb, dcz', true],
    ['dcz;q=0', false],
    ['*', false],
    ['dcb', false],
    ['', false],
  ] as const)
    t.equal(takesDelta(accept), takes, accept)
})

t.test('who offers, and how', async t => {
  t.ok(isOffered(['Use-As-Dictionary', 'match="/a*"']))
  t.notOk(isOffered([]))
  t.equal(offerFor('/app.*.js'), 'match="/app.*.js"')
})
