import t from 'tap'
import { type Exchange, faultOf } from '../../torture/judge.js'

const right: Exchange = {
  target: '/plain/900/t1',
  method: 'GET',
  range: '',
  status: 200,
  version: '7',
  from: 0,
  bodyBytes: 900,
  wrongAt: -1,
  end: 'whole',
  waitMs: 5,
}
const part = { range: 'bytes=10-19', status: 206, from: 10, bodyBytes: 10 }
const breaks = { target: '/breaks/900/t1' }
const quiet = { waitMsMax: 100, isDisturbed: false }

const rows: [name: string, x: Partial<Exchange>, fault: string | undefined, disturbed: string | undefined][] =
  [
    ['right', {}, undefined, undefined],
    ['a wrong byte', { wrongAt: 3 }, 'byte 3 is not that of version 7', 'byte 3 is not that of version 7'],
    ['a wrong byte before it left', { wrongAt: 3, end: 'left' }, 'byte 3 is not that of version 7', 'byte 3'],
    ['too late', { waitMs: 101 }, 'waited 101 ms', 'waited 101 ms'],
    ['short, and taken for whole', { bodyBytes: 899 }, 'whole with 899 of 900 bytes', 'whole with 899'],
    ['cut', { end: 'cut', bodyBytes: 5 }, 'cut after 5 bytes', undefined],
    ['refused', { end: 'refused', status: 0 }, 'nobody listened', undefined],
    ['left', { end: 'left', bodyBytes: 5 }, undefined, undefined],
    ['a failure', { status: 502, bodyBytes: 80 }, 'status 502', undefined],
    ['another status', { status: 404 }, 'status 404', 'status 404'],
    ['its origin broke off', { ...breaks, end: 'cut', bodyBytes: 450 }, undefined, undefined],
    ['its origin broke off, and it is whole', breaks, 'whole, though its origin broke off', 'whole, though'],
    ['HEAD', { method: 'HEAD', bodyBytes: 0 }, undefined, undefined],
    ['HEAD with a body', { method: 'HEAD', bodyBytes: 3 }, 'a HEAD with a body', 'a HEAD with a body'],
    ['a part', part, undefined, undefined],
    ['a part to the end', { ...part, range: 'bytes=890-999', from: 890 }, undefined, undefined],
    ['a part from elsewhere', { ...part, from: 11 }, 'a part from 11, not 10', 'a part from 11'],
    ['a short part', { ...part, bodyBytes: 9 }, 'a part of 9, not 10 bytes', 'a part of 9'],
    ['a part unasked for', { ...part, range: '' }, 'a part that nobody asked for', 'a part that'],
    ['416 of something', { status: 416, range: 'bytes=1-2' }, 'status 416', 'status 416'],
  ]

t.test('faultOf() sees what is wrong, and what a disturbance excuses', async t => {
  for (const [name, change, fault, disturbed] of rows) {
    const x = { ...right, ...change }
    t.equal(faultOf(x, quiet), fault, name)
    const excused = faultOf(x, { ...quiet, isDisturbed: true })
    if (disturbed === undefined) t.equal(excused, undefined, `${name}, disturbed`)
    else t.match(excused, disturbed, `${name}, disturbed`)
  }
})
