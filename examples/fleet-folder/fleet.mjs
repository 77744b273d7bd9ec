// Many accounts of one host, each in a folder of its own below ./accounts: node fleet.mjs anna bert
import { makeWASocket } from '@whiskeysockets/baileys'
import { printQr } from 'baileys-lifeline'
import { createFleet } from 'baileys-lifeline/fleet'

const accounts = process.argv.slice(2)
const fleet = createFleet({
  store: './accounts',
  accounts, // added to those that have a folder already
  connect: ({ auth, logger, getMessage, caches }) => makeWASocket({ auth, logger, getMessage, ...caches }),
})
for (const account of accounts)
  fleet.line(account).on('qr', ({ code }) => {
    console.log(`scan for ${account}:`)
    printQr(code)
  })
fleet.on('claimed', (line) => {
  line.on('status', ({ state, message }) => console.log(line.account, state, message))
  line.ev.on('messages.upsert', async ({ messages: [message] }) => {
    if (message?.message?.conversation !== 'ping') return
    await line.socket?.sendMessage(message.key.remoteJid, { text: `pong from ${line.account}` })
  })
})
await fleet.start() // SIGTERM stops every account, and then the process
