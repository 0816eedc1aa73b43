import t from 'tap'
import { keyHash } from '../../shared/key-hash.js'

t.test('keyHash() is the same for the same key and revision, and for nothing else', async t => {
  const hash = keyHash('http://a.example/x', '7')
  t.equal(hash.length, 4)
  t.strictSame(hash, keyHash('http://a.example/x', '7'))
  for (const [key, revision] of [
    ['http://a.example/y', '7'],
    ['http://a.example/x', '8'],
    ['', ''],
  ]) {
    t.notSame(hash, keyHash(key, revision))
  }
})

t.test('keyHash() takes the parts apart', async t => {
  t.notSame(keyHash('1/x', ''), keyHash('/x', '1'))
})
