// Finds and loads the addon, once per process, and says so when it is absent: every function that needs it has its
// own answer to that. The checks of arguments are in source/; its neighbours here give the functions their face.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failure } from './failure.js'

/** What source/ exports. Wrong arguments are a TypeError or a RangeError, failed calls a `NativeFailure`. */
export interface Addon {
  /** The file, which must have exactly `bytes` bytes (at most 4 GiB), and all of them reserved. */
  map(fd: number, bytes: number): ArrayBuffer
  /** False when it was unmapped before. */
  unmap(buffer: ArrayBuffer): boolean
  /** An index of `lockOperations`. False when another holds it. */
  flock(fd: number, operation: number): boolean
  readNow(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number
  readNowIsPlain(): boolean
  /** False where the file system cannot reserve. */
  allocate(fd: number, offset: number, bytes: number, keepSize: boolean): boolean
  /** A listening socket's descriptor. `address`: IPv4 or IPv6; a `port` of 0 lets the system choose. */
  listenOn(address: string, port: number): number
  /** `address`: a path, or `@` and an abstract name; at most 107 bytes. `message`: at most 4,096 bytes. */
  notify(address: string, message: string): void
  /** 0: of the calling thread. */
  runWhenIdle(thread: number): void
  giveWay(thread: number): void
  readonly interfaceVersion: number
  readonly compiler: string
  readonly isSanitised: boolean
}

export type Loaded = { addon: Addon; file: string } | { addon: undefined; why: string }

export const lockOperations = ['release', 'shared', 'exclusive'] as const

/** The same number is in source/addon.cc: an addon left over from other sources is not used. */
const interfaceVersion = 5

/** This module is at most so deep below the root of the package, wherever it was compiled to. */
const depthMax = 8

/** `NAIJ_NATIVE_FILE` names another build, such as one with AddressSanitizer; one that is not there means none. */
export const addonFile = process.env.NAIJ_NATIVE_FILE ?? join(packageRoot(), 'native/build/Release/naij.node')

export const loaded = load(addonFile)

/** Never throws: an addon that cannot be used is absent. */
export function load(file: string): Loaded {
  if (process.platform !== 'linux') return { addon: undefined, why: 'it is for Linux only' }
  if (!existsSync(file)) return { addon: undefined, why: `${file} was not built` }
  try {
    const addon = createRequire(import.meta.url)(file) as Addon
    if (addon.interfaceVersion === interfaceVersion) return { addon, file }
    return { addon: undefined, why: `${file} was built from other sources` }
  } catch (error) {
    return { addon: undefined, why: `${file} cannot be loaded: ${(error as Error).message}` }
  }
}

/** The addon, for what cannot be done without it. Throws `native-absent`. */
export function requireAddon(): Addon {
  if (loaded.addon !== undefined) return loaded.addon
  throw failure('native-absent', `the native addon is absent: ${loaded.why}`)
}

/** The nearest directory above with a package.json: the same from source, from dist/ and from an installed package. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  for (let depth = 0; depth < depthMax && !existsSync(join(directory, 'package.json')); depth++) {
    directory = dirname(directory)
  }
  return directory
}
