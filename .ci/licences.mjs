// Part of `npm run check`: what we depend on is under a licence we may ship, comes from the registry, and is pinned: by an
// exact version in package.json and by a checksum in the lock file. Reads both and what is installed; asks nobody.
// usage: node .ci/licences.mjs [DIRECTORY]. Prints one line when all is well, else one line for each fault; exit code 1.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** For whatever package. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
])
/** For the packages named only. sharp loads libvips as a library of its own, which the LGPL asks for. */
const exceptions = [
  { licence: 'LGPL-3.0-or-later', names: /^@img\/sharp-(libvips-[a-z0-9-]+|wasm32|win32-\w+)$/ },
  { licence: 'CC-BY-3.0', names: /^spdx-exceptions$/ },
  { licence: 'Python-2.0', names: /^argparse$/ },
  { licence: 'Zlib', names: /^pako$/ },
]
/** Their package.json is silent; what their file `license` says, read by a person, of this version only. */
const readByHand = new Map([['jsonc-simple-parser 3.0.0', 'MIT']])
/** As a registry serves packages. */
const served = /^https:\/\/[^/]+\/(@[\w.-]+\/)?[\w.-]+\/-\/[\w.-]+\.tgz$/
const exact = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/
/** Empty packages of our own in the place of others, see native/absent/. */
const standIn = /^file:native\/absent\/[\w-]+(\/[\w-]+)*$/
const standInPath = /(^|\/)native\/absent\/[\w-]+$/

const directory = process.argv[2] ?? '.'
const manifest = readJson('package.json')
const { packages } = readJson('package-lock.json')
const entries = Object.entries(packages).filter(([path]) => path !== '')
const faults = [...manifestFaults(), ...entries.flatMap(([path, entry]) => packageFaults(path, entry))]
for (const fault of faults) console.error(`licences: ${fault}`)
if (faults.length === 0)
  console.log(`licences: ${entries.length} packages, all of an allowed licence, pinned and with a checksum`)
process.exit(faults.length === 0 ? 0 : 1)

function readJson(path) {
  return JSON.parse(readFileSync(join(directory, path), 'utf8'))
}

function manifestFaults() {
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
  const wanted = kinds.flatMap(kind => Object.entries(manifest[kind] ?? {}))
  const loose = wanted.filter(([, version]) => !exact.test(version))
  const odd = overridesOf(manifest.overrides ?? {}).filter(
    ([, version]) => !exact.test(version) && !(standIn.test(version) && isThere(version)),
  )
  return [
    ...loose.map(([name, version]) => `package.json: ${name} is ${version}, expected an exact version`),
    ...odd.map(
      ([name, version]) => `package.json: overrides of ${name}: ${version}, expected an exact version`,
    ),
  ]
}

/** Nested ones too. */
function overridesOf(overrides) {
  return Object.entries(overrides).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : overridesOf(value),
  )
}

function isThere(version) {
  return existsSync(join(directory, version.slice('file:'.length), 'package.json'))
}

function packageFaults(path, entry) {
  const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const label = `${name} ${entry.version ?? ''}`.trim()
  if (entry.link ? standInPath.test(entry.resolved) : standInPath.test(path)) return []
  if (entry.link) return [`${label}: a link to ${entry.resolved}`]
  const faults = []
  // Without a word on it, it is from the registry that npm is told of.
  if (entry.resolved !== undefined && !served.test(entry.resolved))
    faults.push(`${label}: comes from ${entry.resolved}`)
  if (!/^sha512-/.test(entry.integrity ?? '')) faults.push(`${label}: no sha512 in package-lock.json`)
  const licence = licenceOf(path) ?? entry.license ?? readByHand.get(label)
  if (licence === undefined) faults.push(`${label}: says no licence`)
  else if (!permits(licence, name)) faults.push(`${label}: licence ${licence} is not allowed`)
  return faults
}

/** What the installed package says; of one for another platform only the lock file knows. */
function licenceOf(path) {
  const file = join(path, 'package.json')
  if (!existsSync(join(directory, file))) return undefined
  const { license, licenses } = readJson(file)
  const said = license ?? licenses?.map(each => each.type ?? each).join(' OR ')
  return typeof said === 'object' ? said.type : said
}

/** An SPDX expression: of alternatives one has to be allowed, of what comes together all. AND binds closer than OR. */
function permits(expression, name) {
  const words = expression.match(/[()]|[^\s()]+/g) ?? []
  const alternatives = () => {
    let holds = together()
    while (words[0] === 'OR') {
      words.shift()
      holds = together() || holds
    }
    return holds
  }
  const together = () => {
    let holds = single()
    while (words[0] === 'AND') {
      words.shift()
      holds = single() && holds
    }
    return holds
  }
  const single = () => {
    const word = words.shift()
    if (word !== '(') return isAllowed(word, name)
    const holds = alternatives()
    return words.shift() === ')' && holds
  }
  // What is left over was not understood: `MIT WITH something`.
  return alternatives() && words.length === 0
}

function isAllowed(licence, name) {
  return allowed.has(licence) || exceptions.some(each => each.licence === licence && each.names.test(name))
}
