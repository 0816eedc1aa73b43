import t from 'tap'
import { cacheUsage } from '../../inspect/arguments.js'
import { type Command, readArguments, usage } from '../../supervise/arguments.js'

const cases: [words: string, command: Command][] = [
  ['--config a.json', { kind: 'run', file: 'a.json', quiet: false, takesOver: false }],
  ['--config=a.json --quiet', { kind: 'run', file: 'a.json', quiet: true, takesOver: false }],
  ['--take-over --config a.json', { kind: 'run', file: 'a.json', quiet: false, takesOver: true }],
  ['--check --config a.json', { kind: 'check', file: 'a.json' }],
  ['--help --config a.json', { kind: 'help', text: usage }],
  ['--version', { kind: 'version' }],
  ['', { kind: 'wrong', message: '--config FILE is missing', usage }],
  ['--config=', { kind: 'wrong', message: '--config FILE is missing', usage }],
]

t.test('readArguments() makes one command of the words', async t => {
  for (const [words, command] of cases)
    t.strictSame(readArguments(words.split(' ').filter(Boolean)), command, words)
})

t.test('readArguments() hands on what is said to the cache', async t => {
  t.strictSame(readArguments(['cache', 'stat', '--config', 'a', '--json']), {
    kind: 'cache',
    file: 'a',
    isJson: true,
    inspection: { action: 'stat' },
  })
  t.strictSame(readArguments(['cache', '--help']), { kind: 'help', text: cacheUsage })
  t.match(readArguments(['cache']), { kind: 'wrong', message: /^cache: nothing to do/, usage: cacheUsage })
})

t.test('readArguments() refuses what it does not know', async t => {
  for (const words of ['--conifg a.json', 'a.json', '--config', '--check=yes --config a']) {
    t.equal(readArguments(words.split(' ')).kind, 'wrong', words)
  }
})
