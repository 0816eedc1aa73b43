// `prepare`: builds after `npm ci`. Where TypeScript is absent (`npm ci --omit=dev`) an existing dist/ is kept.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

if (!existsSync('node_modules/typescript')) {
  if (existsSync('dist')) process.exit(0)
  console.error(
    'prepare: neither TypeScript nor dist/ is here: run `npm ci` without --omit=dev, or unpack a release',
  )
  process.exit(1)
}
process.exit(spawnSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' }).status ?? 1)
