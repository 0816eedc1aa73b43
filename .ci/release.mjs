// `npm run release`: what a host needs to run edge and control, and nothing else, as a directory and as a tarball of it:
// programs, production packages as they are installed here, units, a list of parts (SBOM), checksums of every file.
// `--out DIR` (var/release), `--directory-only`: no tarball, as install.sh wants it of a checkout.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { programs } from './bundle.mjs'

const documents = [
  'LICENSE',
  'NOTICE',
  'README.md',
  'CHANGELOG.md',
  'package-lock.json',
  'config/REFERENCE.md',
]
const addons = ['native/build/Release/naij.node', 'native/build/Release/naij_engine.node']
/** Leftovers of compilers, and what only tests and bench need. */
const leftOut = /\/(obj\.target|\.deps|test|tests|docs)(\/|$)|\.(o|o\.d|a|map|tsbuildinfo)$/

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'var/release' }, 'directory-only': { type: 'boolean' } },
})
process.exitCode = release(values.out, values['directory-only'] === true)

function release(out, isDirectoryOnly) {
  const missing = [
    ...programs.map(path => `dist/${path}`),
    'dist/control/main.js',
    ...addons,
    'node_modules',
  ].filter(path => !existsSync(path))
  if (missing.length > 0) {
    console.error(
      `release: ${missing.join(', ')} not there: run \`npm ci\` first (it compiles the addon, which wants g++ and make)`,
    )
    return 1
  }
  const described = JSON.parse(readFileSync('package.json', 'utf8'))
  const name = `${described.name}-${described.version}-linux-${process.arch}-node${process.versions.node.split('.')[0]}`
  const target = join(out, name)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  copyPrograms(target)
  const packages = copyPackages(target)
  const { version, license, type, engines, bin, dependencies } = described
  const kept = { name: described.name, version, license, type, engines, bin, dependencies }
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(kept, null, 2)}\n`)
  writeFileSync(join(target, 'sbom.cdx.json'), partsList())
  writeFileSync(join(target, 'SHA256SUMS'), checksums(target))
  console.log(`${target}: ${packages} packages`)
  return isDirectoryOnly ? 0 : pack(out, name)
}

function copyPrograms(target) {
  for (const path of [...documents, ...addons].filter(path => existsSync(path))) copy(path, target)
  for (const path of programs) copy(`dist/${path}`, target)
  for (const path of ['dist/edge/chunks', 'dist/control', 'dist/config', 'dist/native', 'systemd'])
    copy(path, target)
}

/** What the lock file says is for more than development, as it is installed. */
function copyPackages(target) {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const wanted = Object.entries(packages).filter(
    ([path, { dev, devOptional }]) =>
      path.startsWith('node_modules/') && !dev && !devOptional && existsSync(path),
  )
  for (const [path] of wanted) copy(path, target, true)
  return wanted.length
}

/** `isPackage`: what is nested in it the lock file names by itself. */
function copy(path, target, isPackage = false) {
  cpSync(path, join(target, path), {
    recursive: true,
    dereference: true,
    filter: from =>
      !leftOut.test(from.slice(path.length)) &&
      !(isPackage && from.slice(path.length).startsWith('/node_modules')),
  })
}

/** CycloneDX; npm makes it of what is installed. Without what would differ from one time to the next. */
function partsList() {
  const made = spawnSync('npm', ['sbom', '--omit', 'dev', '--sbom-format', 'cyclonedx'], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`npm sbom: ${made.stderr}`)
  const { serialNumber: _, ...list } = JSON.parse(made.stdout)
  delete list.metadata.timestamp
  return `${JSON.stringify(list, null, 2)}\n`
}

/** As sha256sum(1) reads it. */
function checksums(target) {
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(path => `${digestOf(path)}  ${path.slice(target.length + 1)}\n`)
    .join('')
}

function digestOf(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/** The same bytes for the same files. */
function pack(out, name) {
  const file = join(out, `${name}.tar.gz`)
  const time = spawnSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' }).stdout.trim() || '0'
  const words = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${time}`]
  const made = spawnSync('tar', [...words, '--use-compress-program=gzip -n', '-cf', file, '-C', out, name], {
    stdio: 'inherit',
  })
  if (made.status !== 0) return 1
  writeFileSync(`${file}.sha256`, `${digestOf(file)}  ${basename(file)}\n`)
  console.log(`${file}\n${file}.sha256`)
  return 0
}
