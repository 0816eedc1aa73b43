// Opens the ground and says how that went. Arguments: run directory, slots.
import { openGround } from '../../../shared/ground.js'

const [runDirectory = '', slots = '0'] = process.argv.slice(2)

// Beyond a limit on the size of files the system sends this; caught, it is an error as on a full disk.
process.on('SIGXFSZ', () => {})

try {
  const ground = openGround({ runDirectory, slots: Number(slots) })
  process.send?.({ owner: ground.owner })
} catch (error) {
  process.send?.({ code: (error as { code?: string }).code, message: (error as Error).message })
}
process.disconnect()
