import t from 'tap'
import { parseConfigValue } from '../../../../config/parse.js'
import { HostFiles } from '../../../cli/doctor/host-files.js'
import { judgeKernel, kernelNeeds, readKernel, sysctlChange } from '../../../cli/doctor/kernel.js'

const needs = { workers: 4, originConnectionsMax: 256 }

t.test('judgeKernel() looks at each setting by itself', async t => {
  const cases: [string, string, string, RegExp | null][] = [
    ['net.core.somaxconn', '512', 'ok', null],
    ['net.core.somaxconn', '128', 'warn', /^sysctl -w net\.core\.somaxconn=4096; and /],
    ['net.ipv4.tcp_max_syn_backlog', '1024', 'ok', null],
    ['net.ipv4.tcp_max_syn_backlog', '256', 'note', /=4096/],
    ['net.ipv4.tcp_migrate_req', '1', 'ok', null],
    ['net.ipv4.tcp_migrate_req', '0', 'warn', /tcp_migrate_req=1/],
    ['net.ipv4.ip_local_port_range', '32768\t60999', 'ok', null],
    ['net.ipv4.ip_local_port_range', '50000\t51000', 'warn', /="10240 65535"; .*originConnectionsMax/],
    ['net.ipv4.ip_local_port_range', 'odd', 'note', null],
    ['net.ipv4.tcp_tw_reuse', '2', 'ok', null],
    ['net.ipv4.tcp_tw_reuse', '0', 'note', /=1/],
    ['net.ipv4.tcp_congestion_control', 'bbr', 'ok', null],
    ['net.ipv4.tcp_congestion_control', 'cubic', 'note', /^modprobe tcp_bbr; /],
    ['vm.max_map_count', '65530', 'ok', null],
    ['vm.max_map_count', '1000', 'warn', /=65530/],
    ['vm.overcommit_memory', '1', 'ok', null],
    ['vm.overcommit_memory', '2', 'warn', /=0/],
  ]
  for (const [name, value, level, change] of cases) {
    const findings = judgeKernel({ sysctls: { [name]: value }, hugePages: undefined }, needs)
    const finding = findings.find(({ check }) => check === `kernel.${name}`)
    t.equal(finding?.level, level, `${name} ${value}`)
    t.match(finding?.change, change, `${name} ${value}`)
  }
})

t.test('judgeKernel() says what a kernel does not tell', async t => {
  const findings = judgeKernel({ sysctls: {}, hugePages: undefined }, needs)
  t.ok(findings.every(({ level }) => level === 'note'))
})

t.test('judgeKernel() knows that bbr is there', async t => {
  const sysctls = {
    'net.ipv4.tcp_congestion_control': 'cubic',
    'net.ipv4.tcp_available_congestion_control': 'reno cubic bbr',
  }
  const findings = judgeKernel({ sysctls, hugePages: undefined }, needs)
  t.match(findings.find(({ check }) => check.endsWith('congestion_control'))?.change, /^sysctl/)
})

t.test('judgeKernel() prefers huge pages on demand', async t => {
  for (const [text, level] of [
    ['always [madvise] never', 'ok'],
    ['always madvise [never]', 'ok'],
    ['[always] madvise never', 'note'],
  ] as const) {
    t.equal(judgeKernel({ sysctls: {}, hugePages: text }, needs).at(-1)?.level, level, text)
  }
})

t.test('readKernel() reads the files', async t => {
  const root = t.testdir({
    proc: { sys: { net: { core: { somaxconn: '4096\n' } } } },
    sys: { kernel: { mm: { transparent_hugepage: { enabled: '[never]\n' } } } },
  })
  const read = readKernel(new HostFiles(root))
  t.equal(read.sysctls['net.core.somaxconn'], '4096')
  t.equal(read.hugePages, '[never]')
})

t.test('kernelNeeds() takes the site that has most connections', async t => {
  const site = { hosts: ['a.example'], origins: ['http://127.0.0.1:1'], originConnectionsMax: 300 }
  const parsed = parseConfigValue({
    listen: [{ port: 80 }],
    sites: [site, { ...site, hosts: ['b.example'] }],
  })
  t.strictSame(parsed.ok && kernelNeeds(parsed.config, 2), { workers: 2, originConnectionsMax: 300 })
  t.strictSame(kernelNeeds(undefined, 2), { workers: 2, originConnectionsMax: 0 })
})

t.test('sysctlChange() quotes what has blanks', async t => {
  t.match(sysctlChange('a.b', '1 2'), /^sysctl -w a\.b="1 2"; and a\.b = 1 2 in /)
})
