// naij-edge with the workers of supervise-worker.ts: everything else is the real program.
import { fileURLToPath } from 'node:url'
import { runCommand } from '../../supervise/command.js'

process.exit(
  await runCommand(process.argv.slice(2), {
    workerFile: fileURLToPath(new URL('./supervise-worker.js', import.meta.url)),
    print: text => void process.stdout.write(text),
    printError: text => void process.stderr.write(text),
  }),
)
