import t from 'tap'
import { seldom } from '../../../cache/segments/seldom.js'

t.test('seldom() says each message once per interval', async t => {
  const lines: string[] = []
  let nowMs = 0
  const log = seldom(
    (_level, message) => lines.push(message),
    100,
    () => nowMs,
  )
  for (nowMs = 0; nowMs < 250; nowMs += 10) {
    log('warn', 'a', {})
    if (nowMs === 20) log('warn', 'b', {})
  }
  t.strictSame(lines, ['a', 'b', 'a', 'a'])
})
