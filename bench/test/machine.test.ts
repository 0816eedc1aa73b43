import t from 'tap'
import { allowedCores, checkoutVersion, machineFacts, placeOn, versionLine } from '../machine.js'

t.test('machineFacts() are those of this machine', async t => {
  const facts = machineFacts()
  t.equal(facts.node, process.version)
  t.ok(facts.cores >= 1)
  t.ok(facts.memoryBytes > 0)
})

t.test('allowedCores() reads single cores and ranges', async t => {
  const cases: [list: string, expected: number[]][] = [
    ['0', [0]],
    ['0-3', [0, 1, 2, 3]],
    ['1,4-5,9', [1, 4, 5, 9]],
  ]
  for (const [list, expected] of cases) {
    t.strictSame(allowedCores(`Name:\tnode\nCpus_allowed_list:\t${list}\n`), expected)
  }
  t.strictSame(allowedCores('nothing of the kind'), [])
  t.ok(allowedCores().length >= 1)
})

t.test('placeOn() gives the server a core of its own when there are two', async t => {
  t.strictSame(placeOn([3]), { server: undefined, load: undefined, origin: undefined })
  t.strictSame(placeOn([0, 1]), { server: 0, load: 1, origin: 1 })
  t.strictSame(placeOn([2, 4, 6, 8]), { server: 2, load: 4, origin: 6 })
})

t.test('versionLine() takes the first line of either stream', async t => {
  t.equal(versionLine([process.execPath, '--version']), process.version)
  t.equal(versionLine(['/bin/sh', '-c', 'echo nginx/9 >&2; exit 1']), 'nginx/9')
  t.equal(versionLine(['/bin/true']), 'unknown')
  t.equal(versionLine(['/no/such/program']), 'unknown')
})

t.test('checkoutVersion() does without git', async t => {
  t.match(checkoutVersion(t.testdir({ 'package.json': '{ "version": "9.9.9" }' })), /^9\.9\.9/)
  t.match(checkoutVersion(t.testdir({ 'package.json': '{}' })), /^unknown/)
  const path = process.env.PATH
  process.env.PATH = ''
  t.teardown(() => {
    process.env.PATH = path
  })
  t.equal(checkoutVersion(t.testdir({ 'package.json': '{ "version": "9.9.9" }' })), '9.9.9')
})
