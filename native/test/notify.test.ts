import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t, { type Test } from 'tap'
import { notifySystemd } from '../notify.js'
import { has, needsAddon, type Other, runCommand } from './support/addon.js'

// Node has no unix datagrams to listen with.
const listener = `
import socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1].replace('@', chr(0)))
print('bound', flush=True)
while True:
    data, ancillary, _, _ = s.recvmsg(8192, 64)
    print(struct.unpack('3i', ancillary[0][2])[0], repr(data.decode()), flush=True)
`

const skip = needsAddon.skip || (has('python3') ? false : 'no python3 to listen with')

/** The address of a socket has at most 107 bytes: the directories of tests can be longer. */
function shortDirectory(t: Test): string {
  const directory = mkdtempSync(`${tmpdir()}/naij-`)
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

function listen(t: Test, address: string): Other {
  process.env.NOTIFY_SOCKET = address
  t.teardown(() => delete process.env.NOTIFY_SOCKET)
  return runCommand(t, 'python3', ['-c', listener, address])
}

t.test('notifySystemd() is heard at a path and at an abstract name', { skip }, async t => {
  for (const address of [`${shortDirectory(t)}/s`, `@naij-notify-${process.pid}`]) {
    const { line } = listen(t, address)
    t.equal(await line(), 'bound')
    t.equal(notifySystemd('READY=1\nSTATUS=serving é'), true)
    t.equal(await line(), `${process.pid} 'READY=1\\nSTATUS=serving é'`, 'with who it came from')
    t.equal(notifySystemd('x'.repeat(4096)), true)
    t.equal((await line()).length, `${process.pid} ''`.length + 4096)
  }
})

t.test('notifySystemd() says what is in the way', needsAddon, async t => {
  t.teardown(() => delete process.env.NOTIFY_SOCKET)
  const directory = shortDirectory(t)
  writeFileSync(`${directory}/file`, '')
  const addresses: [string, { code: string; syscall?: string }][] = [
    [`${directory}/absent`, { code: 'ENOENT', syscall: 'sendto' }],
    [`${directory}/file`, { code: 'ECONNREFUSED' }],
    [`@naij-nobody-${process.pid}`, { code: 'ECONNREFUSED' }],
    ['vsock:2:1', { code: 'EAFNOSUPPORT' }],
    [`/${'long'.repeat(30)}`, { code: 'ERR_OUT_OF_RANGE' }],
  ]
  for (const [address, expected] of addresses) {
    process.env.NOTIFY_SOCKET = address
    t.throws(() => notifySystemd('READY=1'), expected, address)
  }
})

t.test('notifySystemd() sends nothing when nobody asked for it', async t => {
  delete process.env.NOTIFY_SOCKET
  t.equal(notifySystemd('READY=1'), false)
  process.env.NOTIFY_SOCKET = ''
  t.teardown(() => delete process.env.NOTIFY_SOCKET)
  t.equal(notifySystemd('READY=1'), false)
})
