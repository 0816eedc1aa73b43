// Tells of files that change below some directories. Directories are watched, not files: an editor that writes a new file
// and renames it is seen too.
import { readdirSync, watch } from 'node:fs'
import { join } from 'node:path'

const ignored = /(^|\/)(test|node_modules|build|\.tap|tap-testdir[^/]*)$/

/** Calls `changed` with each path below `root` that changes; gives a function that ends it. */
export function watchBelow(root, directories, changed) {
  const watchers = new Map()
  const forget = path => {
    watchers.get(path)?.close()
    watchers.delete(path)
  }
  const take = path => {
    if (ignored.test(path) || watchers.has(path)) return
    // Before it is read, so that nothing is missed in between.
    const watcher = watch(join(root, path), (kind, name) => {
      if (name === null) return
      const found = join(path, name)
      if (kind === 'rename' && isDirectory(join(root, found))) take(found)
      else changed(found)
    })
    watcher.on('error', () => forget(path))
    watchers.set(path, watcher)
    for (const entry of readdirSync(join(root, path), { withFileTypes: true }))
      if (entry.isDirectory()) take(join(path, entry.name))
  }
  for (const directory of directories) take(directory)
  return () => [...watchers.keys()].forEach(forget)
}

function isDirectory(path) {
  try {
    readdirSync(path)
    return true
  } catch {
    // A file, or gone again.
    return false
  }
}
