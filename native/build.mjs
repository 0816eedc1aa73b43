// Builds the addon of a directory with node-gyp: the one npm names, else that of the npm beside Node, else on the path.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where the running Node was installed to. */
const prefix = dirname(dirname(process.execPath))

/**
 * Runs `node-gyp rebuild` in `directory`. What came of it: `isBuilt`, and `output`, all that was printed.
 * @param {string} directory with a binding.gyp
 * @param {NodeJS.ProcessEnv} environment CXX, CXXFLAGS and LDFLAGS are obeyed
 */
export function build(directory, environment = process.env) {
  const words = ['rebuild', '--directory', directory, ...headers(environment)]
  const beside = join(prefix, 'lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js')
  const script = environment.npm_config_node_gyp ?? (existsSync(beside) ? beside : undefined)
  const [command, ...rest] = script ? [process.execPath, script, ...words] : ['node-gyp', ...words]
  const { status, stdout, stderr, error } = spawnSync(command, rest, { encoding: 'utf8', env: environment })
  return { isBuilt: status === 0, output: error ? error.message : stdout + stderr }
}

/** The headers that lie beside the running Node, if any and unless others were asked for: nothing to download then. */
function headers(environment) {
  const isThere = existsSync(join(prefix, 'include/node/node_api.h'))
  return isThere && !environment.npm_config_nodedir ? ['--nodedir', prefix] : []
}
