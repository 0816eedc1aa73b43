import t from 'tap'
import { groundOf, needsAddon, runDirectoryOf } from './support/ground.js'

t.test(
  'bump() changes the counter of the key and the sum in all processes, and no other counter',
  needsAddon,
  async t => {
    const directory = runDirectoryOf(t)
    const [a, b] = [groundOf(t, directory), groundOf(t, directory)]
    const [before, sum] = [b.generations.of(5), b.generations.bumps()]
    a.generations.bump(5)
    t.equal(b.generations.of(5), before + 1)
    t.equal(b.generations.bumps(), sum + 1)
    t.equal(b.generations.of(6), before)
  },
)

t.test('of() takes any integer of 32 bits and uses its low 16', needsAddon, async t => {
  const { generations } = groundOf(t, runDirectoryOf(t))
  for (const hash of [-1, 0x7fff_ffff, 0xffff, -0x8000_0000]) generations.bump(hash)
  t.equal(generations.of(0xffff), 3)
  t.equal(generations.of(0), 1)
  t.equal(generations.bumps(), 4)
})
