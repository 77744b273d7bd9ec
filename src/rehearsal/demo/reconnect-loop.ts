// The loop of the demo of the two: a process of its own, as it is or under `lifeline exec`.
import { installedBaileys } from '../../baileys/installed.ts'
import { dialAgain } from './loop-gateway.ts'

const [, , folder = ''] = process.argv
await dialAgain(await installedBaileys(), folder, (type, more) => {
  process.stdout.write(`${JSON.stringify({ type, ...more })}\n`)
})
