// The launch profiles of .vscode/: the files parse, what they start is there after a build, and leads back to the sources.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { packageRoot } from '../root.js'

const root = packageRoot()

interface Profile {
  name: string
  request: string
  program?: string
  cwd?: string
  preLaunchTask?: string
  sourceMaps: boolean
  outFiles: string[]
}

function readJson(path: string) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

const { configurations } = readJson('.vscode/launch.json') as { configurations: Profile[] }
const { tasks } = readJson('.vscode/tasks.json') as { tasks: { label: string; script: string }[] }

/** As the editor would with this file open. */
function replaceVariables(text: string): string {
  const known: Record<string, string> = {
    workspaceFolder: root,
    relativeFileDirname: 'bench/test',
    fileBasenameNoExtension: 'launch.play.test',
  }
  return text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => known[name] ?? whole)
}

t.test(
  'each profile starts a program that a build makes, with source maps that lead to a source',
  async t => {
    t.ok(configurations.length >= 5)
    for (const { name, request, program, cwd, sourceMaps, outFiles } of configurations) {
      t.equal(sourceMaps, true, name)
      t.ok(outFiles.map(replaceVariables).includes(join(root, 'dist/**/*.js')), name)
      if (request === 'attach') continue
      const file = replaceVariables(program!)
      t.ok(existsSync(file), `${name}: ${file}`)
      t.equal(replaceVariables(cwd!), root)
      const map = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { sources: string[] }
      const sources = map.sources.map(source => join(file, '..', source))
      t.ok(
        sources.some(source => source.endsWith('.ts') && existsSync(source)),
        `${name}: ${sources[0]}`,
      )
    }
  },
)

t.test('the tasks run scripts of package.json, and the profiles name tasks', async t => {
  const { scripts } = readJson('package.json')
  for (const { label, script } of tasks) t.type(scripts[script], 'string', label)
  const labels = tasks.map(({ label }) => label)
  for (const { name, preLaunchTask } of configurations)
    if (preLaunchTask !== undefined) t.ok(labels.includes(preLaunchTask), name)
})
