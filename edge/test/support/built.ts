// The edge as `npm run build` made it. Plays with many processes run that: from the sources each process compiles them
// first, for seconds.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export const builtDirectory = join(root, 'dist')

/** dist/edge/main.js; throws when the sources have changed since it was built. */
export function builtMain(): string {
  const main = join(builtDirectory, 'edge/main.js')
  if (!existsSync(main)) throw new Error('there is no dist/: npm run build')
  const builtMs = statSync(main).mtimeMs
  for (const room of ['edge', 'config', 'native']) {
    for (const path of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      const isSource = path.endsWith('.ts') && !path.startsWith('test/')
      if (isSource && statSync(join(root, room, path)).mtimeMs > builtMs) {
        throw new Error(`dist/ is older than ${room}/${path}: npm run build`)
      }
    }
  }
  return main
}
