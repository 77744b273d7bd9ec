// A host that has the client of @elizaos/plugin-whatsapp, as the plugin's own service has it: it listens to its errors,
// and answers.
import { ClientFactory } from '@elizaos/plugin-whatsapp'

const [, , authDir] = process.argv
const say = (type, more = {}) => process.stdout.write(`${JSON.stringify({ name: 'gateway', type, ...more })}\n`)
const client = ClientFactory.create({ authMethod: 'baileys', authDir, printQRInTerminal: false })
// Where it draws the code for a terminal it fails in Node ("QRCodeTerminal.generate is not a function"), so it is taken
// one step earlier.
client.connection.on('qr', (qr) => say('qr', { qr }))
client.on('ready', () => say('ready'))
client.on('connection', (status) => say(status === 'close' ? 'close' : 'connection'))
client.on('error', (error) => say('error', { text: error.message }))
client.on('message', ({ chatId, content }) => {
  client
    .sendMessage({ type: 'text', to: chatId, content: `got ${content}` })
    .catch((error) => say('error', { text: error.message }))
})
await client.start()
