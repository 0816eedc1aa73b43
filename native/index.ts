// What the edge may ask of the native room; each function says what it does without the addon.
export { type AllocateOptions, allocate } from './allocate.js'
export { type AnswerScanner, answerScanner, SeenAnswer } from './answers.js'
export type { NativeFailure } from './failure.js'
export { type Gathered, type GatherUser, gather, type PassedOn } from './gather.js'
export { type HeadScanner, headScanner, Seen } from './heads.js'
export { giveWay, runWhenIdle } from './idle.js'
export { listenOn } from './listen.js'
export { Lock, type LockMode, lock } from './lock.js'
export { type MapOptions, map, mapBytesMax, unmap } from './map.js'
export { notifySystemd } from './notify.js'
export { type ReadNowMode, readNow, readNowMode } from './read-now.js'
export {
  absentNames,
  type FormTally,
  type Lesson,
  openReplay,
  type PlacedLesson,
  type ReplayMemory,
  type Tally,
  type Watched,
} from './replay.js'
export { reserve } from './reserve.js'
export { sendNow } from './send-now.js'
export { type NativeStatus, nativeStatus } from './status.js'
