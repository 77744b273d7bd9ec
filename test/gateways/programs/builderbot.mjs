// A bot that has the provider of @builderbot/provider-baileys, begun as its own `initAll` does; without the HTTP server
// that shows the code.
import { basename } from 'node:path'
import { BaileysProvider } from '@builderbot/provider-baileys'

const [, , folder] = process.argv
const say = (type, more = {}) => process.stdout.write(`${JSON.stringify({ name: 'gateway', type, ...more })}\n`)
const provider = new BaileysProvider({})
provider.globalVendorArgs.name = basename(folder).replace(/_sessions$/, '')
provider.on('require_action', ({ payload }) => say('qr', payload))
provider.on('ready', () => say('ready'))
provider.on('auth_failure', ([text]) => say('error', { text }))
provider.on('message', ({ from, body }) => {
  provider.sendMessage(from, `got ${body}`, {}).catch((error) => say('error', { text: error.message }))
})
provider.listenOnEvents(await provider.initVendor())
