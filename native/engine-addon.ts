// Finds and loads the second addon, source/engine/: over V8 and for one version of Node.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { addonFile } from './addon.js'

/** What source/engine/addon.cc exports. */
export interface EngineAddon {
  scanInto(places: ArrayBuffer): void
  scan(request: object): number
  lines(request: object): string | undefined
  socketOf(response: object): number
  send(fd: number, first: string, second: string, third: string): number
  answersInto(places: ArrayBuffer): void
  answer(bytes: Uint8Array, at: number): number
  keepLines(low: number, high: number, to: Uint8Array, at: number, behind?: Uint8Array): number
  gatherInto(
    bytes: ArrayBuffer,
    words: ArrayBuffer,
    rest: ArrayBuffer,
    deliver: (records: number) => void,
  ): boolean
  gatherFrom(fd: number): number
  stopGathering(slot: number): void
  goOnGathering(slot: number): void
  leaveGathered(slot: number): void
  limitGathered(slot: number, bytesMax: number): void
  passOn(slot: number, response: object, bytes: number): number
  readonly replay: ReplayAddon
  readonly interfaceVersion: number
}

/** What source/engine/replay/addon.cc exports: see replay.ts. */
export interface ReplayAddon {
  begin(
    words: Float64Array,
    answersMax: number,
    unsentBytesMax: number,
    idleSeconds: number,
    headBytesMax: number,
  ): boolean
  turn(isOn: boolean): void
  opened(response: object, client: string, isSecure: boolean): boolean
  closed(response: object): void
  release(token: number): void
  watch(words: Int32Array): number
  meter(cells: Float64Array): number
  teach(
    numbers: Float64Array,
    beforeAge: Uint8Array,
    afterAge: Uint8Array,
    body: Uint8Array,
    line: Uint8Array,
    extents: Float64Array,
  ): number
  addFile(id: number, descriptor: number): void
  leaveFile(id: number): number
  cutFile(id: number): void
  log(before: string, between: string, every: number, bytesMax: number): void
  takeLines(into: Uint8Array): number
  forget(id: number): void
  clear(): void
  tell(into: Uint32Array): number
  sending(): number
  end(): void
}

/** The same number is in source/engine/addon.cc. */
const interfaceVersion = 15

/** Beside the other addon. */
export const engineAddonFile = join(dirname(addonFile), 'naij_engine.node')

/** Undefined when it is not there, for another version of Node, or built from other sources. */
export function loadEngineAddon(file = engineAddonFile): EngineAddon | undefined {
  if (process.platform !== 'linux' || !existsSync(file)) return undefined
  const addon = load(file)
  return addon?.interfaceVersion === interfaceVersion ? addon : undefined
}

function load(file: string): EngineAddon | undefined {
  try {
    return createRequire(import.meta.url)(file) as EngineAddon
  } catch (error) {
    // Built for another version of Node, which refuses it.
    if ((error as NodeJS.ErrnoException).code === 'ERR_DLOPEN_FAILED') return undefined
    throw error
  }
}
