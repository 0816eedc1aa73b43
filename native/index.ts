// What the edge may ask of the native room; each function says what it does without the addon.
export { type AllocateOptions, allocate } from './allocate.js'
export type { NativeFailure } from './failure.js'
export { Lock, type LockMode, lock } from './lock.js'
export { type MapOptions, map, mapBytesMax, unmap } from './map.js'
export { notifySystemd } from './notify.js'
export { type ReadNowMode, readNow, readNowMode } from './read-now.js'
export { reserve } from './reserve.js'
export { type NativeStatus, nativeStatus } from './status.js'
