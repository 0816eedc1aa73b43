// Stands a worker on the shared ground: opens it (ground.ts), joins the mesh (mesh.ts), and sees to it that nothing of
// the dead stays in the way. What the fills mean to requests is the caller's.
import type { FillRef } from './claim.js'
import type { Frame } from './frames.js'
import { type Ground, openGround } from './ground.js'
import { joinMesh, type Mesh } from './mesh.js'

export interface JoinOptions {
  runDirectory: string
  /** See `GroundOptions`. */
  slots: number
  onFrame(from: number, frame: Frame): void
  /**
   * This worker runs no more, or has left; `orphans` are its fills, to be taken over. Look again at every fill of it that
   * is followed here.
   */
  onGone(owner: number, orphans: FillRef[]): void
  /** Something in the background failed and is tried again. */
  onTrouble(error: Error): void
}

export interface Standing {
  readonly ground: Ground
  readonly mesh: Mesh
  /** Free or abandon your fills first; what is left becomes orphans. Nothing may be used afterwards. */
  leave(): Promise<void>
}

/**
 * Fetches at once that are collapsed over all processes of a host; those beyond are collapsed in their worker. 64 bytes
 * each. Who gives another number shares nothing with the rest.
 */
export const fillSlots = 8_192
/** Longer than the slowest re-check of a waiter, so that whoever wants an orphan has had his chance. */
export const orphanGraceMs = 1_000
const tendMs = 1_000

/**
 * No fill may be claimed before this has resolved: until then the others take this worker for dead. Rejects with an
 * EdgeError (`ground...`, `mesh...`), and then leaves nothing behind.
 */
export async function joinGround(options: JoinOptions): Promise<Standing> {
  const { runDirectory, slots, onFrame, onTrouble } = options
  const ground = openGround({ runDirectory, slots })
  const onGone = (owner: number) => options.onGone(owner, ground.orphan(owner))
  try {
    const mesh = await joinMesh({ runDirectory, group: ground.group, owner: ground.owner, onFrame, onGone })
    const tending = setInterval(() => void tend(ground, mesh, onGone).catch(onTrouble), tendMs)
    tending.unref()
    return {
      ground,
      mesh,
      leave: async () => {
        clearInterval(tending)
        await mesh.leave()
        ground.close()
      },
    }
  } catch (error) {
    ground.close()
    throw error
  }
}

/**
 * Finds those who own something and are in nobody's mesh: they died together with whoever would have noticed. And ends
 * the orphans that nobody wants. Every worker does it, once a second.
 */
export async function tend(ground: Ground, mesh: Mesh, onGone: (owner: number) => void): Promise<void> {
  for (const owner of ground.owners()) {
    if (owner === ground.owner || mesh.has(owner)) continue
    const isThere = await mesh.probe(owner)
    // Meanwhile this worker may have left.
    if (!mesh.isOpen) return
    if (!isThere) onGone(owner)
  }
  ground.fills.freeOrphans(orphanGraceMs)
}
