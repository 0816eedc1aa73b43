import t from 'tap'
import { addonFile } from '../addon.js'
import { nativeStatus } from '../status.js'
import { needsAddon } from './support/addon.js'

t.test('nativeStatus() says what was loaded', needsAddon, async t => {
  t.match(nativeStatus(), { isPresent: true, file: addonFile, interfaceVersion: 5, compiler: /\d/ })
})
