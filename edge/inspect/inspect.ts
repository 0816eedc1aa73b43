// `naij-edge cache ...`: looks at a cache from outside, whether an edge uses it or not, and changes nothing. What each
// inspection does is its neighbours'; here a cache is opened and what goes wrong becomes an exit code.
import type { EdgeConfig } from '../../config/settings.js'
import { type Databases, openDatabases } from '../cache/databases.js'
import { inspectIndex } from '../cache/inspect.js'
import { indexBytesMaxOf } from '../cache/segments/sizes.js'
import type { Inspection } from './arguments.js'
import { get } from './get.js'
import { list } from './list.js'
import { stat } from './stat.js'
import { verify } from './verify.js'

/** Where it is written. */
export interface Output {
  isJson: boolean
  /** A line of the result. */
  line(text: string): void
  /** A line beside it: progress, and what is wrong. */
  note(text: string): void
}

/** A cache that can be looked at. */
export interface Inspected {
  config: EdgeConfig
  databases: Databases
  /** Wall clock, milliseconds. */
  nowMs: number
}

/** Resolves with the exit code: 0, 1 for what makes no sense, 2 when the cache cannot be read, 3 when it is damaged. */
export async function inspect(inspection: Inspection, config: EdgeConfig, output: Output): Promise<number> {
  const { directory, bytesMax } = config.cache
  try {
    const frame = inspectIndex(directory)
    if (frame.state === 'absent') {
      output.note(`cache.directory: there is no cache in ${directory}`)
      return 2
    }
    if (frame.state === 'damaged') {
      output.note(`cache.directory: the index in ${directory} is damaged: ${frame.reason}`)
      return 3
    }
    const databases = openDatabases(directory, indexBytesMaxOf(bytesMax))
    try {
      return await run(inspection, { config, databases, nowMs: Date.now() }, output)
    } finally {
      await databases.root.close()
      databases.changes?.close()
    }
  } catch (error) {
    output.note(`cache.directory: the cache in ${directory} cannot be read: ${(error as Error).message}`)
    return 2
  }
}

function run(inspection: Inspection, inspected: Inspected, output: Output): Promise<number> {
  switch (inspection.action) {
    case 'ls':
      return list(inspection, inspected, output)
    case 'get':
      return get(inspection.url, inspected, output)
    case 'stat':
      return stat(inspected, output)
    case 'verify':
      return verify(inspected, output)
  }
}
