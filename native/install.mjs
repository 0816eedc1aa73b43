// npm's `install` step: builds the addon where that is possible. The edge runs without it, with one worker, so what
// goes wrong here is told and does not fail the installation; with NAIJ_NATIVE=required (CI, releases) it does.
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

/** What is shown of a failed build: its end, where the reason is. */
const linesMax = 15

function install() {
  const wish = process.env.NAIJ_NATIVE
  if (wish === 'none') return 0
  const { isBuilt, output } =
    process.platform === 'linux'
      ? build(fileURLToPath(new URL('.', import.meta.url)))
      : { isBuilt: false, output: 'it is for Linux only' }
  if (isBuilt) return 0
  console.error(output.trimEnd().split('\n').slice(-linesMax).join('\n'))
  console.error('native: the addon was not built, the edge will run with one worker (see native/README.md)')
  return wish === 'required' ? 1 : 0
}

process.exitCode = install()
