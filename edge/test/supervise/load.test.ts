import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { fileBytesMax, loadConfig } from '../../supervise/load.js'
import { certificate } from '../fetch/support/certificate.js'

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
