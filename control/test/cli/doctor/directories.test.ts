import t from 'tap'
import { judgeDirectories, judgeRunPaths, userOf } from '../../../cli/doctor/directories.js'

const user = { uid: 1000, gids: [1000, 50], isEdge: true }

t.test('judgeDirectories() wants them for the edge alone', async t => {
  const cases: [number, number, number, string, RegExp | null][] = [
    [1000, 1000, 0o750, 'ok', null],
    [1000, 1000, 0o770, 'ok', null],
    [0, 50, 0o770, 'ok', null],
    [0, 0, 0o750, 'bad', /^chown -R 1000 \/cache/],
    [1000, 1000, 0o777, 'bad', /^chmod 0750/],
    [1000, 77, 0o770, 'warn', /^chmod 0750/],
    [1000, 1000, 0o755, 'note', /^chmod 0750/],
    [1000, 1000, 0o500, 'bad', /chmod 0750/],
  ]
  for (const [uid, gid, mode, level, change] of cases) {
    const found = { isDirectory: true, uid, gid, mode }
    const [finding] = judgeDirectories([{ setting: 'cache.directory', path: '/cache', found }], user)
    t.match(finding, { level, change }, `${uid} ${gid} ${mode.toString(8)}`)
  }
  const at = { setting: 'run.directory', path: '/run/x' }
  t.match(judgeDirectories([{ ...at, found: undefined }], user), [{ level: 'ok' }])
  t.match(judgeDirectories([{ ...at, found: new Error('EACCES') }], user), [
    { level: 'note', found: 'EACCES' },
  ])
  const another = { ...at, found: { isDirectory: true, uid: 5, gid: 5, mode: 0o750 } }
  t.match(judgeDirectories([another], { ...user, isEdge: false }), [
    { level: 'note', found: /who looks is user 1000/ },
  ])
  const file = { isDirectory: false, uid: 0, gid: 0, mode: 0o600 }
  t.match(judgeDirectories([{ ...at, found: file }], user), [{ level: 'bad' }])
  const ofRoot = { isDirectory: true, uid: 5, gid: 5, mode: 0o700 }
  t.match(judgeDirectories([{ ...at, found: ofRoot }], { uid: 0, gids: [0], isEdge: true }), [
    { level: 'ok' },
  ])
})

t.test('judgeRunPaths() counts bytes, of the longest name of a worker too', async t => {
  t.match(judgeRunPaths('/run/x/edge.sock', '/run/x'), [{ level: 'ok' }, { level: 'ok' }])
  t.match(judgeRunPaths(`/${'a'.repeat(107)}`, '/run/x'), [{ level: 'bad' }, { level: 'ok' }])
  t.match(judgeRunPaths('/run/edge.sock', `/${'é'.repeat(50)}`), [{ level: 'ok' }, { level: 'bad' }])
})

t.test('userOf() reads the effective user', async t => {
  const status = 'Name:\tnode\nUid:\t0\t33\t0\t33\nGid:\t0\t44\t0\t44\nFDSize:\t64\nGroups:\t4 24 \n'
  t.strictSame(userOf(status), { uid: 33, gids: [44, 4, 24], isEdge: true })
  t.strictSame(userOf('Uid:\t1\t1\nGid:\t2\t2\n'), { uid: 1, gids: [2], isEdge: true })
  t.equal(userOf(undefined), undefined)
})
