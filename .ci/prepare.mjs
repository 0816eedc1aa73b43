// `prepare`: builds after `npm ci`, and puts the pre-commit hook of .ci/hooks in force in a clone that has none of its own.
// Where TypeScript is absent (`npm ci --omit=dev`) an existing dist/ is kept.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

if (!existsSync('node_modules/typescript')) {
  if (existsSync('dist')) process.exit(0)
  console.error(
    'prepare: neither TypeScript nor dist/ is here: run `npm ci` without --omit=dev, or unpack a release',
  )
  process.exit(1)
}
if (existsSync('.git') && !process.env.CI && !hasHooks()) git('config', 'core.hooksPath', '.ci/hooks')
process.exit(spawnSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' }).status ?? 1)

function git(...words) {
  return spawnSync('git', words, { encoding: 'utf8' })
}

function hasHooks() {
  if (git('config', 'core.hooksPath').status === 0) return true
  const directory = git('rev-parse', '--git-path', 'hooks').stdout.trim()
  return existsSync(directory) && readdirSync(directory).some(name => !name.endsWith('.sample'))
}
