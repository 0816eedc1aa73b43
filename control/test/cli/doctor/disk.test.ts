import t from 'tap'
import { type FileSystemRead, judgeFileSystem, judgeSpeed } from '../../../cli/doctor/disk.js'

const mib = 2 ** 20
const sound: FileSystemRead = {
  type: 0xef53,
  bytes: 1_000 * mib,
  freeBytes: 800 * mib,
  files: 100_000,
  freeFiles: 90_000,
  usedBytes: 100 * mib,
}

t.test('judgeFileSystem() looks at type, space and inodes', async t => {
  const cases: [Partial<FileSystemRead>, number, string[]][] = [
    [{}, 500 * mib, ['ok', 'ok', 'ok']],
    [{}, 850 * mib, ['ok', 'ok', 'ok']],
    [{}, 899 * mib, ['ok', 'warn', 'ok']],
    [{}, 1_001 * mib, ['ok', 'bad', 'ok']],
    [{ type: 0x01021994 }, mib, ['warn', 'ok', 'ok']],
    [{ type: 0x6969 }, mib, ['warn', 'ok', 'ok']],
    [{ type: 0x794c7630 }, mib, ['warn', 'ok', 'ok']],
    [{ type: 1 }, mib, ['note', 'ok', 'ok']],
    [{ freeFiles: 9_999 }, mib, ['ok', 'ok', 'warn']],
    [{ freeFiles: 0 }, mib, ['ok', 'ok', 'bad']],
    [{ files: 0, freeFiles: 0 }, mib, ['ok', 'ok', 'ok']],
  ]
  for (const [other, bytesMax, levels] of cases) {
    const found = judgeFileSystem({ ...sound, ...other }, '/cache', bytesMax)
    t.strictSame(
      found.map(({ level }) => level),
      levels,
      JSON.stringify([other, bytesMax]),
    )
  }
})

t.test('judgeFileSystem() says a cap that fits', async t => {
  const [, space] = judgeFileSystem(sound, '/cache', 2_000 * mib)
  t.match(space?.change, /"bytesMax": "771MiB"/)
  const [, none] = judgeFileSystem({ ...sound, freeBytes: 0, usedBytes: 0 }, '/cache', mib)
  t.match(none, { level: 'warn', change: /on another disk/ })
})

t.test('judgeSpeed() wants a disk that keeps up', async t => {
  const at = (mibs: number) => ({ bytes: 64 * mib, ms: 64_000 / mibs })
  t.match(judgeSpeed({ written: at(200), read: at(500) }), [
    { level: 'ok', found: /^200\.0 MiB\/s/ },
    { level: 'ok' },
  ])
  t.match(judgeSpeed({ written: at(20), read: at(50) }), [{ level: 'warn' }, { level: 'warn' }])
  t.match(judgeSpeed({ written: at(200), read: undefined }), [{ level: 'ok' }, { level: 'note' }])
  t.match(judgeSpeed('--no-disk-test'), [{ level: 'note', found: 'not measured: --no-disk-test' }])
})
