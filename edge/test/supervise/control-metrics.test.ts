import t from 'tap'
import { controlFamilies } from '../../supervise/control-metrics.js'

t.test('control as metrics, where there is one', async t => {
  t.strictSame(controlFamilies(null), [])
  const known = { url: 'unix:/x', sinceMs: 1, why: null, edge: 'me', epoch: 1, position: 2 }
  const connected = controlFamilies({
    ...known,
    ...{ state: 'connected', heardAgoMs: 1_500, revision: 4, refused: null, purgeUnknown: false },
  }).join('')
  t.match(connected, /naij_control_connected 1\n/)
  t.match(connected, /naij_purge_unknown 0\n/)
  t.match(connected, /naij_control_revision 4\n/)
  t.match(connected, /naij_control_heard_seconds 1\.5\n/)
  const away = controlFamilies({
    ...known,
    ...{
      state: 'connecting',
      heardAgoMs: null,
      revision: null,
      refused: { revision: 5, reasons: [] },
      purgeUnknown: true,
    },
  }).join('')
  t.match(away, /naij_control_connected 0\n[\s\S]*naij_purge_unknown 1\n[\s\S]*refused_revision 5\n/)
  t.notMatch(away, /heard_seconds/)
})
