// The gateway of the demo: a process of its own, so that it can be killed in the middle of its work.
import { installedBaileys } from '../../baileys/installed.ts'
import { stateSteps } from '../../line/state-steps.ts'
import { trust } from '../fake-whatsapp/index.ts'
import { answerEverybody, supervise } from './bot.ts'
import type { GatewayMessage } from './gateway-process.ts'
import { demoPolicy } from './pace.ts'

const [folder, url, rootKey] = process.argv.slice(2) as [string, string, string]
const tell = (message: GatewayMessage) => process.send?.(message)

trust(await installedBaileys(), rootKey)
const line = supervise({ auth: folder, server: { url }, policy: demoPolicy })
stateSteps(line, ({ at: _at, status: _status, ...step }) => tell({ type: 'state', ...step }))
line.on('qr', ({ code, number }) => tell({ type: 'code', code, number }))
answerEverybody(line, (read) => tell({ type: 'read', ...read }))
// Without its parent nobody is left to end it.
process.on('disconnect', () => process.exit(1))
await line.start()
