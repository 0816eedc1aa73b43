// A build that is not there means no addon; set before anything loads it.
process.env.NAIJ_NATIVE_FILE = '/nowhere/naij.node'
const { default: t } = await import('tap')
const { openSegments } = await import('../../../cache/segments/segments.js')

t.test('openSegments() says that it needs the addon', async t => {
  const options = { directory: t.testdir(), segmentBytes: 1, openReadersMax: 1, log: () => {} }
  t.throws(() => openSegments(options), { code: 'native-absent', message: /nowhere/ })
})

export {}
