import t from 'tap'
import { pathText } from '../problems.js'
import { checkRelations } from '../relations.js'

type Case = readonly [name: string, filled: unknown, faults: readonly string[]]

const everyListener = 'expected each address and port once'
const cases: readonly Case[] = [
  ['nothing', {}, []],
  ['no object', null, []],
  [
    'wrong lists',
    { listen: 1, sites: [1, null, { hosts: [1, 1], name: 2 }, { hosts: 'a' }], cache: [], admin: 3 },
    [],
  ],
  [
    'one origin twice, in two spellings',
    { sites: [{ origins: [{ url: 'http://a' }, { url: 'http://b' }, { url: 'HTTP://A:80/' }] }] },
    ['sites[0].origins[2].url: "http://a" is already at sites[0].origins[0].url, expected each origin once'],
  ],
  [
    'only backups',
    { sites: [{ origins: [{ url: 'http://a', backup: true }] }] },
    ['sites[0].origins: are all backups, expected at least one that is not'],
  ],
  ['a backup', { sites: [{ origins: [{ url: 'http://a', backup: true }, { url: 'http://b' }] }] }, []],
  [
    'what only the engine node can be told',
    {
      listen: [
        { engine: 'node', headMs: 1, idleMs: 1, connectionsPerAddressMax: 1, proxyFrom: ['::1'] },
        { engine: 'uws', proxyFrom: ['::1'] },
        { engine: 'uws', idleMs: 1 },
        { headMs: 1, connectionsMax: 1 },
      ],
    },
    [
      'listen[2].idleMs: is nothing that the engine uws can be told, expected it beside engine "node" only',
      'listen[3].headMs: is nothing that the engine uws can be told, expected it beside engine "node" only',
    ],
  ],
  [
    'a floor above its ceiling',
    {
      sites: [
        { cache: { bytesMin: 3, bytesMax: 2 } },
        { cache: { bytesMin: 2, bytesMax: 2 } },
        { cache: { bytesMin: 2 } },
      ],
    },
    ['sites[0].cache.bytesMin: is 3, expected at most bytesMax, 2'],
  ],
  [
    'one host in two sites',
    {
      sites: [
        { name: 'a', hosts: ['x', 'y'] },
        { name: 'b', hosts: ['z', 'y'] },
      ],
    },
    ['sites[1].hosts[1]: "y" is already at sites[0].hosts[1], expected each host once'],
  ],
  [
    'the default site twice, named after it',
    {
      sites: [
        { name: '*', hosts: ['*'] },
        { name: '*', hosts: ['*'] },
      ],
    },
    ['sites[1].hosts[0]: "*" is already at sites[0].hosts[0], expected each host once'],
  ],
  [
    'one name twice',
    {
      sites: [
        { name: 'a', hosts: ['x'] },
        { name: 'a', hosts: ['a'] },
      ],
    },
    ['sites[1].name: "a" is already at sites[0].name, expected each site name once'],
  ],
  [
    'one port on two addresses',
    {
      listen: [
        { address: '::1', port: 1 },
        { address: '127.0.0.1', port: 1 },
      ],
    },
    [],
  ],
  ['port 0 twice', { listen: [{ port: 0 }, { port: 0 }] }, []],
  ['a wrong address', { listen: [{ address: 1, port: 1 }, { address: 1, port: 1 }, { port: '1' }] }, []],
  [
    'one listener twice',
    { listen: [{ port: 1 }, { port: 2 }, { port: 1 }] },
    [`listen[2]: listens where listen[0] does, ${everyListener}`],
  ],
  [
    'an address within all addresses',
    { listen: [{ address: '::', port: 1 }, { port: 1 }] },
    [`listen[1]: listens where listen[0] does, ${everyListener}`],
  ],
  [
    'one IPv6 address in two spellings',
    {
      listen: [
        { address: '::1', port: 1 },
        { address: '0:0::0001', port: 1 },
      ],
    },
    [`listen[1]: listens where listen[0] does, ${everyListener}`],
  ],
  [
    'one address with a zone twice',
    {
      listen: [
        { address: 'fe80::1%lo', port: 1 },
        { address: 'fe80::1%lo', port: 1 },
      ],
    },
    [`listen[1]: listens where listen[0] does, ${everyListener}`],
  ],
  ['a socket path of 107 bytes', { admin: { socket: 'x'.repeat(107) } }, []],
  [
    'a socket path of 108 bytes in 54 characters',
    { admin: { socket: 'ä'.repeat(54) } },
    [`admin.socket: "${'ä'.repeat(54)}" has 108 bytes, expected a path of at most 107`],
  ],
  [
    'one target twice',
    { sites: [{ cache: { targets: ['x-cache-control', 'x-cache-control'] } }] },
    [
      'sites[0].cache.targets[1]: "x-cache-control" is already at sites[0].cache.targets[0], expected each field once',
    ],
  ],
  ['the same target in two sites', { sites: Array(2).fill({ cache: { targets: ['x-cache-control'] } }) }, []],
  [
    'rules that force something',
    {
      sites: [
        {
          cache: {
            rules: [{ preset: 'never' }, { ttlMs: 0 }, { preset: 'origin', staleIfErrorMs: 1 }, null],
          },
        },
      ],
    },
    [],
  ],
  [
    'a rule that forces nothing, and times of what is not stored',
    { sites: [{ cache: { rules: [{ path: '*' }, { preset: 'never', ttlMs: 1, staleIfErrorMs: 2 }] } }] },
    [
      'sites[0].cache.rules[0]: forces nothing, expected one of preset, ttlMs, staleWhileRevalidateMs, staleIfErrorMs',
      'sites[0].cache.rules[1].ttlMs: is a time of what is not stored, expected none beside the preset "never"',
      'sites[0].cache.rules[1].staleIfErrorMs: is a time of what is not stored, expected none beside the preset "never"',
    ],
  ],
]

for (const [name, filled, expected] of cases) {
  t.test(`checkRelations() on ${name}`, async t => {
    const faults = checkRelations(filled).map(({ segments, message }) => `${pathText(segments)}: ${message}`)
    t.strictSame(faults, expected)
  })
}
