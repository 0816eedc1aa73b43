// What the tests of the shared ground stand on: a directory, processes' worth of grounds in it, keys, a way to stop one
// of them in the middle of what it does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { nativeStatus } from '../../../../native/index.js'
import type { Claim, FillRef } from '../../../shared/claim.js'
import { type Ground, type GroundOptions, openGround } from '../../../shared/ground.js'
import type { Step } from '../../../shared/slots.js'

const native = nativeStatus()
/** For `t.test`'s options. */
export const needsAddon = { skip: native.isPresent ? false : `no addon: ${native.why}` }

/** A short one: the paths of sockets are. */
export function runDirectoryOf(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'naij-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** As another process would open it, closed at the end of the test. */
export function groundOf(t: Test, runDirectory: string, given: Partial<GroundOptions> = {}): Ground {
  const ground = openGround({ runDirectory, slots: 64, ...given })
  let isOpen = true
  const close = () => {
    if (isOpen) ground.close()
    isOpen = false
  }
  t.teardown(close)
  return { ...ground, close }
}

/** Keys with the same `place` compete for the same slots. */
export function hashOf(name: number, place = 0): Int32Array {
  return Int32Array.of(place, name, ~name, name * 7)
}

export function leadOf(claim: Claim): FillRef {
  if (claim.kind !== 'lead') throw new Error(`this should lead, not: ${claim.kind}`)
  return claim.fill
}

/** Thrown in place of a death: the memory is left as a kill would leave it. */
export class Death extends Error {}

/** Hooks for `beforeStep`: dies before the step of this number, counted from 1. */
export function dieAt(number: number): { beforeStep: (step: Step) => void; reached: () => number } {
  let count = 0
  return {
    beforeStep: () => {
      count += 1
      if (count === number) throw new Death()
    },
    reached: () => count,
  }
}

/** Runs it until its end or its death; true when it came to its end. */
export function liveOrDie(act: () => void): boolean {
  try {
    act()
    return true
  } catch (error) {
    if (error instanceof Death) return false
    throw error
  }
}

/** A clock that all grounds of a test are given. */
export function clockAt(startMs: number): { nowMs: () => number; pass: (ms: number) => void } {
  let nowMs = startMs
  return {
    nowMs: () => nowMs,
    pass: ms => {
      nowMs += ms
    },
  }
}
