// naijctl as a play runs it: words in, what was printed and the exit code out.
import { Shell } from '../../cli/context.js'
import { runCli } from '../../cli/run.js'
import type { Stage } from './stage.js'

export interface Ran {
  code: number
  out: string
  err: string
  /** Of `--json`. */
  json: () => ReturnType<typeof JSON.parse>
}

export async function naijctl(s: Pick<Stage, 'url' | 'token'>, ...words: string[]): Promise<Ran> {
  let [out, err] = ['', '']
  const streams = {
    print: (text: string) => {
      out += text
    },
    printError: (text: string) => {
      err += text
    },
  }
  const code = await runCli(
    ['--control', s.url, ...words],
    new Shell({ NAIJCTL_TOKEN: s.token }, streams),
    '1.2.3',
  )
  return { code, out, err, json: () => JSON.parse(out) }
}
