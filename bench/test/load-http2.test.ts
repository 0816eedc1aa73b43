import t from 'tap'
import { http2Arguments, http2Load, parseHttp2 } from '../load-http2.js'
import { Processes } from '../processes.js'
import { writeProgram } from './support/programs.js'

const options = { url: 'https://127.0.0.1:1/hit/1024', connections: 16, seconds: 1.2 }

function said({ protocol = 'h2', failed = 0, bad = 0 } = {}): string {
  return [
    'TLS Protocol: TLSv1.3',
    `Application protocol: ${protocol}`,
    'finished in 2.00s, 32602.00 req/s, 987.54KB/s',
    `requests: 65204 total, 65236 started, 65204 done, ${65204 - failed} succeeded, ${failed} failed, 0 errored, 0 timeout`,
    `status codes: 65224 2xx, 0 3xx, ${bad} 4xx, 0 5xx`,
  ].join('\n')
}

t.test('parseHttp2() reads requests, rate and failures', async t => {
  const good = { requests: 65204, socketErrors: 0, badAnswers: 0, requestsPerSecond: 32602 }
  t.strictSame(parseHttp2(said(), 2), good)
  t.match(parseHttp2(said({ failed: 7, bad: 4 }), 2), { socketErrors: 3, badAnswers: 4 })
  t.throws(() => parseHttp2('unable to connect', 2), { message: /printed no result:\nunable/, exitCode: 1 })
  t.throws(() => parseHttp2(said({ protocol: 'http/1.1' }), 2), { message: /spoke no HTTP\/2/ })
})

t.test('http2Arguments() sends the fields but Connection, whole seconds, eight streams', async t => {
  const words = http2Arguments(options)
  t.equal(words.filter(word => word === '-H').length, 11)
  for (const word of ['-D2', ':authority: www.bench.example', '-c16', '-m8']) t.ok(words.includes(word), word)
  t.equal(words.at(-1), options.url)
})

t.test('http2Load() runs h2load and gives its result, or what it said when it fails', async t => {
  const directory = t.testdir()
  const quick = writeProgram(
    directory,
    'h2load',
    '/bin/sh',
    `printf '1\\t200\\t1500\\n2\\t200\\t500\\n' > "$2"; cat <<'END'\n${said()}\nEND\n`,
  )
  t.match(await http2Load(new Processes(), quick, undefined, directory)(options), {
    requests: 65204,
    latency: { p50: 0.5, p99: 0.5, p999: 0.5 },
  })
  const failing = writeProgram(directory, 'failing', '/bin/sh', 'echo no such host >&2; exit 3\n')
  await t.rejects(http2Load(new Processes(), failing, undefined, directory)(options), {
    message: 'h2load ended with code 3:\nno such host',
    exitCode: 1,
  })
})
