import t from 'tap'
import { parseConfigValue } from '../../../../config/parse.js'
import { type CertificateRead, judgeCertificate, readCertificates } from '../../../cli/doctor/certificates.js'
import { authority, intermediate, oldCertificate, oldKey, shop, shopKey } from '../../support/certificates.js'

const nowMs = Date.parse('2030-01-01T00:00:00Z')
const files = { certFile: 'shop.crt', keyFile: 'shop.key', names: ['shop.test', '*.shop.test'] }
const sound: CertificateRead = {
  place: 'listen[0].tls.certificates[0]',
  files,
  certificates: [shop, intermediate, authority].join('\n'),
  key: shopKey,
}

t.test('judgeCertificate() looks at time, names and chain', async t => {
  const cases: [string, Partial<CertificateRead>, [string, RegExp][]][] = [
    [
      'sound',
      {},
      [
        ['ok', /days left/],
        ['ok', /\*\.shop\.test/],
        ['ok', /^3 in order/],
      ],
    ],
    [
      'no names',
      { files: { ...files, names: [] } },
      [
        ['ok', /days left/],
        ['ok', /in order/],
      ],
    ],
    [
      'another name',
      { files: { ...files, names: ['shop.test', 'other.test', '*.b.test'] } },
      [
        ['ok', /days/],
        ['bad', /is not for other\.test, \*\.b\.test/],
        ['ok', /in order/],
      ],
    ],
    [
      'wrong order',
      { certificates: [shop, authority, intermediate].join('\n') },
      [
        ['ok', /days/],
        ['ok', /for all/],
        ['bad', /certificate 2 of shop\.crt has not signed certificate 1/],
      ],
    ],
    [
      'alone',
      { certificates: shop },
      [
        ['ok', /days/],
        ['ok', /for all/],
        ['note', /leads to CN=mid\.test/],
      ],
    ],
    [
      'has signed itself',
      { certificates: oldCertificate, key: oldKey, files: { ...files, names: [] } },
      [
        ['bad', /expired at 2021-01-01/],
        ['note', /has signed itself/],
      ],
    ],
    ['another key', { key: oldKey }, [['bad', /shop\.key: is not the key of shop\.crt/]]],
    ['no key', { key: 'x' }, [['bad', /holds no private key/]]],
    ['unread key', { key: new Error('EACCES') }, [['bad', /shop\.key: cannot be read: EACCES/]]],
    ['unread', { certificates: new Error('ENOENT') }, [['bad', /shop\.crt: cannot be read: ENOENT/]]],
    ['none', { certificates: 'x' }, [['bad', /holds no certificate/]]],
    [
      'broken',
      { certificates: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      [['bad', /that cannot be read/]],
    ],
  ]
  for (const [name, other, expected] of cases) {
    const found = judgeCertificate({ ...sound, ...other }, nowMs)
    t.match(
      found,
      expected.map(([level, text]) => ({ level, found: text })),
      name,
    )
    t.equal(found.length, expected.length, name)
  }
})

t.test('judgeCertificate() warns in time', async t => {
  const certificates = oldCertificate
  const old = { ...sound, certificates, key: oldKey, files: { ...files, names: [] } }
  const cases: [string, string][] = [
    ['2019-12-31', 'bad'],
    ['2020-06-01', 'ok'],
    ['2020-12-10', 'ok'],
    ['2020-12-12', 'warn'],
    ['2020-12-29', 'warn'],
    ['2020-12-30', 'bad'],
    ['2021-01-01', 'bad'],
  ]
  for (const [day, level] of cases) t.equal(judgeCertificate(old, Date.parse(day))[0]?.level, level, day)
})

t.test('readCertificates() reads those of all listeners', async t => {
  const directory = t.testdir({ 'a.crt': shop })
  const certificates = [{ certFile: 'a.crt', keyFile: 'absent.key' }]
  const parsed = parseConfigValue({
    listen: [{ port: 80 }, { port: 443, tls: { certificates } }],
    sites: [{ hosts: ['*'], origins: ['http://127.0.0.1:1'] }],
  })
  t.ok(parsed.ok)
  t.match(parsed.ok && readCertificates(parsed.config, path => `${directory}/${path}`), [
    { place: 'listen[1].tls.certificates[0]', certificates: shop, key: /ENOENT/ },
  ])
})
