// A build that is not there means no addon; set before anything loads it.
process.env.NAIJ_NATIVE_FILE = '/nowhere/naij.node'
const { default: t } = await import('tap')
const { openStore } = await import('../../cache/bodied-store.js')
const { faultOf, recordOf, recordWith } = await import('../support/store-records.js')

t.test('without the addon all bodies are in the index', async t => {
  const lines: [level: string, message: string, details: Record<string, unknown>][] = []
  const store = openStore({
    directory: t.testdir({}),
    bytesMax: 64 * 1024 * 1024,
    writeQueueBytesMax: 1024 * 1024,
    diskReadsMax: 1,
    evictedReadMaxMs: 1,
    closeTimeoutMs: 60_000,
    workers: 1,
    log: (...line) => void lines.push(line),
  })
  t.teardown(() => store.close())
  t.match(lines, [['warn', /large bodies are not stored/, { why: /nowhere/ }]])
  t.equal(store.bodies, undefined)
  await store.put('k', recordOf('k', 100_000))
  t.equal(faultOf('k', store.get('k')), '')
  await store.put('placed', recordWith({ segment: 1, extents: [[64, 9]], bytes: 9, crc: 0 }))
  t.equal(store.get('placed'), undefined, 'what was stored while it was there')
  t.equal(store.status().entries, 2, 'waits for it')
  store.refresh?.()
  await store.remove('k')
  t.equal(store.get('k'), undefined)
})

export {}
