import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bootHeaderBytes, openBootFile } from '../../shared/boot-file.js'
import { closeFile, openAlone } from '../../shared/shared-file.js'
import { needsAddon, runDirectoryOf } from './support/ground.js'

const bytes = bootHeaderBytes + 8
const [magic, other] = [0x1234n, 0x5678n]
const boots = ['1'.repeat(32), '2'.repeat(32)] as const

t.test(
  'openBootFile() keeps what is of this boot and of this name, and nothing else',
  needsAddon,
  async t => {
    const directory = runDirectoryOf(t)
    const path = join(directory, 'file')
    const open = (name: bigint, bootId: string) =>
      openAlone(directory, () => openBootFile({ path, bytes, magic: name, bootId }))
    /** What is there, and then something; and whether that is worth a word. */
    const look = (name: bigint, bootId: string) => {
      const file = open(name, bootId)
      const words = new Uint8Array(file.buffer, bootHeaderBytes)
      const seen = words[0]
      words[0] = 9
      closeFile(file)
      return [seen, file.replaced !== undefined]
    }
    t.strictSame(look(magic, boots[0]), [0, false], 'new')
    t.strictSame(look(magic, boots[0]), [9, false], 'the same')
    t.strictSame(look(magic, boots[1]), [0, false], 'of another boot')
    t.strictSame(look(other, boots[1]), [0, true], 'of another name')
    writeFileSync(path, 'damaged')
    t.strictSame(look(other, boots[1]), [0, true], 'damaged')
  },
)
