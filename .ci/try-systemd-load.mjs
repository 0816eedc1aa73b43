// For try-systemd: `origin PORT` answers everything; `load URL` asks with 16 clients, half of which keep their connection, until
// SIGTERM, and then says what came of it.
import { Agent, createServer, get } from 'node:http'

const [what, where] = process.argv.slice(2)
if (what === 'origin') {
  createServer((_, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=600' }).end('hello')
  }).listen(Number(where), '127.0.0.1')
} else await load(where)

async function load(url) {
  const result = { answers: 0, misses: 0, failures: 0, codes: {} }
  const agent = new Agent({ keepAlive: true })
  let isOn = true
  process.once('SIGTERM', () => {
    isOn = false
  })
  const client = async each => {
    while (isOn) {
      await ask(url, each).then(
        isHit => {
          result.answers += 1
          if (!isHit) result.misses += 1
        },
        error => {
          result.failures += 1
          result.codes[error.code ?? error.message] = (result.codes[error.code ?? error.message] ?? 0) + 1
        },
      )
    }
  }
  await Promise.all([...Array(8).fill(agent), ...Array(8).fill(false)].map(client))
  console.log(JSON.stringify(result))
  process.exit()
}

function ask(url, agent) {
  return new Promise((resolve, reject) => {
    get(url, { agent }, response => {
      response.resume().once('error', reject)
      response.once('end', () =>
        response.statusCode === 200
          ? resolve(/; hit/.test(String(response.headers['cache-status'])))
          : reject(new Error(`status ${response.statusCode}`)),
      )
    }).once('error', reject)
  })
}
