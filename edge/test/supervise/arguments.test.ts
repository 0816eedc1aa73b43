import t from 'tap'
import { type Command, readArguments } from '../../supervise/arguments.js'

const cases: [words: string, command: Command][] = [
  ['--config a.json', { kind: 'run', file: 'a.json', quiet: false }],
  ['--config=a.json --quiet', { kind: 'run', file: 'a.json', quiet: true }],
  ['--check --config a.json', { kind: 'check', file: 'a.json' }],
  ['--help --config a.json', { kind: 'help' }],
  ['--version', { kind: 'version' }],
  ['', { kind: 'wrong', message: '--config FILE is missing' }],
  ['--config=', { kind: 'wrong', message: '--config FILE is missing' }],
]

t.test('readArguments() makes one command of the words', async t => {
  for (const [words, command] of cases)
    t.strictSame(readArguments(words.split(' ').filter(Boolean)), command, words)
})

t.test('readArguments() refuses what it does not know', async t => {
  for (const words of ['--conifg a.json', 'a.json', '--config', '--check=yes --config a']) {
    t.equal(readArguments(words.split(' ')).kind, 'wrong', words)
  }
})
