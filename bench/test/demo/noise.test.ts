import t from 'tap'
import { hashed, mix, noise, roughNoise } from '../../demo/noise.js'

t.test('noise is the same in every run, in [0, 1), and differs by seed', async t => {
  for (const value of [hashed(3, 4, 5), noise(0.3, 0.7, 5), roughNoise(0.3, 0.7, 5, 4)]) {
    t.ok(value >= 0 && value < 1)
  }
  t.equal(noise(1.25, 2.5, 7), noise(1.25, 2.5, 7))
  t.not(noise(1.25, 2.5, 7), noise(1.25, 2.5, 8))
})

t.test('noise() meets the lattice and is smooth between', async t => {
  t.equal(noise(3, 4, 5), hashed(3, 4, 5))
  t.ok(Math.abs(noise(3.5, 4, 5) - noise(3.501, 4, 5)) < 0.01)
})

t.test('mix() goes from one to the other', async t => {
  t.strictSame([mix(2, 4, 0), mix(2, 4, 0.5), mix(2, 4, 1)], [2, 3, 4])
})
