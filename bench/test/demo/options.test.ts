import t from 'tap'
import { parseDemoOptions } from '../../demo/options.js'

t.test('parseDemoOptions() has defaults, reads what is given, knows the help', async t => {
  const usual = { port: 8080, originPort: undefined, controlPort: undefined, programs: 'dist' }
  t.strictSame(parseDemoOptions([]), usual)
  const words = ['--port', '0', '--origin-port', '9999', '--control-port', '1', '--programs', 'var/dev']
  t.strictSame(parseDemoOptions(words), {
    port: 0,
    originPort: 9999,
    controlPort: 1,
    programs: 'var/dev',
  })
  t.equal(parseDemoOptions(['--help']), undefined)
})

t.test('parseDemoOptions() refuses what it does not know', async t => {
  const cases: [words: string[], message: RegExp][] = [
    [['--port', '70000'], /--port 70000: expected a port number from 0 to 65535/],
    [['--port', '-1'], /Try --help/],
    [['--origin-port', 'x'], /--origin-port x: expected a port number/],
    [['--fast'], /Unknown option '--fast'/],
    [['8081'], /Try --help/],
  ]
  for (const [words, message] of cases) {
    t.throws(() => parseDemoOptions(words), { name: 'Problem', message, exitCode: 2 }, words.join(' '))
  }
})
