// A worker as the mesh tests have it: everything that it hears is noted.
import type { Test } from 'tap'
import type { Frame } from '../../../shared/frames.js'
import { joinMesh, type Mesh, type MeshOptions } from '../../../shared/mesh.js'

export interface Member {
  readonly owner: number
  readonly mesh: Mesh
  readonly heard: { from: number; frame: Frame }[]
  readonly gone: number[]
}

export const group = '0badcafe'

/** Joins, and leaves at the end of the test. */
export async function memberOf(
  t: Test,
  runDirectory: string,
  owner: number,
  given: Partial<MeshOptions> = {},
): Promise<Member> {
  const heard: Member['heard'] = []
  const gone: number[] = []
  const mesh = await joinMesh({
    runDirectory,
    group,
    owner,
    onFrame: (from, frame) => void heard.push({ from, frame }),
    onGone: who => void gone.push(who),
    ...given,
  })
  t.teardown(() => mesh.leave())
  return { owner, mesh, heard, gone }
}

export function frameOf(value: number): Frame {
  return { slot: 1, turn: 2, event: 3, value }
}

/** The numbers of a mesh's peers, in order. */
export function sorted(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b)
}
