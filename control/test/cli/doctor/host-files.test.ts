import t from 'tap'
import { HostFiles } from '../../../cli/doctor/host-files.js'

t.test('HostFiles reads below its root', async t => {
  const root = t.testdir({ proc: { sys: { vm: { x: '7\n' } } } })
  const files = new HostFiles(root)
  t.equal(files.sysctl('vm.x'), '7')
  t.equal(files.text('/proc/none'), undefined)
  t.equal(files.has('/proc/sys'), true)
  t.equal(files.has('/sys'), false)
  t.equal(files.at('/proc'), `${root}/proc`)
})
