import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { parseConfigValue } from '../../../config/parse.js'
import { fileBytesMax, lackingCodings, loadConfig } from '../../supervise/load.js'
import { certificate, key, oldCertificate, oldKey, otherCertificate } from '../fetch/support/certificate.js'

const smallest = { listen: [{ port: 0 }], sites: [{ hosts: ['*'], origins: ['http://127.0.0.1:9'] }] }

t.test('loadConfig() reads a configuration, without the access log when quiet', async t => {
  const file = `${t.testdir()}/edge.json`
  writeFileSync(file, JSON.stringify(smallest))
  const loud = loadConfig(file, false)
  const quiet = loadConfig(file, true)
  t.match(loud, { ok: true, config: { log: { access: 'json', level: 'info' } } })
  t.match(quiet, { ok: true, config: { log: { access: 'off', level: 'info' } } })
})

t.test('loadConfig() gives every problem, one text each', async t => {
  const file = `${t.testdir()}/edge.json`
  writeFileSync(file, JSON.stringify({ ...smallest, wrokers: 1, loopMax: 'many' }))
  const loaded = loadConfig(file, false)
  t.equal(loaded.ok, false)
  if (!loaded.ok) t.match(loaded.problems, [/loopMax/, /wrokers/])
})

t.test('loadConfig() never throws for a file that cannot be read', async t => {
  const directory = t.testdir()
  mkdirSync(`${directory}/is-directory`)
  writeFileSync(`${directory}/huge`, '')
  truncateSync(`${directory}/huge`, fileBytesMax + 1)
  for (const [name, problem] of [
    ['absent', /absent: cannot be read: .*ENOENT/],
    ['is-directory', /is-directory: cannot be read/],
    ['huge', /huge: cannot be read: \d+ bytes, expected at most/],
  ] as const) {
    t.match(loadConfig(`${directory}/${name}`, false), { ok: false, problems: [problem] }, name)
  }
  const endless = { ok: false, problems: ['/dev/zero: cannot be read: it is not a regular file'] }
  t.strictSame(loadConfig('/dev/zero', false), endless)
})

t.test('loadConfig() looks into the files that are named', async t => {
  const directory = t.testdir({
    'ca.pem': certificate,
    'no.pem': 'no certificate',
    'bad.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  })
  for (const [name, problem] of [
    ['ca.pem', undefined],
    ['absent.pem', /^sites\[0\]\.originTls\.caFile: .*absent\.pem: cannot be read: .*ENOENT/],
    ['no.pem', /no\.pem: holds no certificate, expected PEM$/],
    ['bad.pem', /bad\.pem: holds a certificate that cannot be read: /],
  ] as const) {
    const sites = [{ ...smallest.sites[0], originTls: { caFile: `${directory}/${name}` } }]
    writeFileSync(`${directory}/edge.json`, JSON.stringify({ ...smallest, sites }))
    const loaded = loadConfig(`${directory}/edge.json`, false)
    if (problem === undefined) t.ok(loaded.ok)
    else t.match(loaded, { ok: false, problems: [problem] })
  }
})

t.test('loadConfig() holds the certificates of listeners against their keys, names and times', async t => {
  const directory = t.testdir({
    'a.crt': certificate,
    'a.key': key,
    'b.crt': otherCertificate,
    'old.crt': oldCertificate,
    'old.key': oldKey,
    'no.key': 'no key',
  })
  const load = (certFile: string, keyFile: string, names?: string[]) => {
    const files = { certFile: `${directory}/${certFile}`, keyFile: `${directory}/${keyFile}` }
    const certificates = [{ ...files, ...(names && { names }) }]
    const listen = [{ port: 0 }, { port: 0, engine: 'uws', tls: { certificates } }]
    writeFileSync(`${directory}/edge.json`, JSON.stringify({ ...smallest, listen }))
    return loadConfig(`${directory}/edge.json`, false)
  }
  const place = 'listen\\[1\\]\\.tls\\.certificates\\[0\\]: .*'
  for (const [certFile, keyFile, names, problem] of [
    ['a.crt', 'none.key', undefined, 'none\\.key: cannot be read: .*ENOENT'],
    ['none.crt', 'a.key', undefined, 'none\\.crt: cannot be read: .*ENOENT'],
    ['a.key', 'a.key', undefined, 'a\\.key: holds no certificate that can be read'],
    ['a.crt', 'no.key', undefined, 'no\\.key: holds no private key that can be read'],
    ['b.crt', 'a.key', undefined, 'a\\.key: is not the key of .*b\\.crt$'],
    [
      'a.crt',
      'a.key',
      ['localhost', 'other.example'],
      'a\\.crt: is not for other\\.example, only for localhost$',
    ],
  ] as const) {
    const loaded = load(certFile, keyFile, names && [...names])
    t.match(loaded, { ok: false, problems: [new RegExp(`^${place}${problem}`)] }, problem)
  }
  const sound = load('a.crt', 'a.key', ['localhost'])
  t.match(sound, { ok: true, remarks: [] })
  const expired = load('old.crt', 'old.key')
  const text = new RegExp(`^${place}old\\.crt: expired at 2021-01-01T00:00:00.000Z$`)
  t.match(expired, { ok: true, remarks: [{ level: 'warn', text }] })
  t.not(expired.ok && expired.keyDigest, sound.ok && sound.keyDigest)
})

t.test('loadConfig() names a secret for images that cannot be read, or is none', async t => {
  const directory = t.testdir({ good: 'sixteen letters!\n', short: 'short\n' })
  for (const [name, problem] of [
    ['good', undefined],
    [
      'short',
      /^sites\[0\]\.optimise\.image\.secretFile: .*short: 5 bytes, expected a secret of at least 16$/,
    ],
    ['none', /secretFile: .*none: cannot be read: .*ENOENT/],
  ] as const) {
    const sites = [
      { ...smallest.sites[0], optimise: { images: true, image: { secretFile: `${directory}/${name}` } } },
    ]
    writeFileSync(`${directory}/edge.json`, JSON.stringify({ ...smallest, sites }))
    const loaded = loadConfig(`${directory}/edge.json`, false)
    if (problem === undefined) t.ok(loaded.ok)
    else t.match(loaded, { ok: false, problems: [problem] })
  }
})

t.test('lackingCodings() says what cannot be made on this machine', async t => {
  const loaded = parseConfigValue({
    ...smallest,
    sites: [{ ...smallest.sites[0], optimise: { dictionaries: true } }],
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  t.strictSame(lackingCodings(loaded.config, new Set(['br', 'zstd', 'gzip']), true), [])
  t.match(lackingCodings(loaded.config, new Set(['br', 'gzip']), false), [
    { level: 'info', text: /^sites\[0\]\.optimise: zstd, dcz cannot be made here/ },
  ])
})
