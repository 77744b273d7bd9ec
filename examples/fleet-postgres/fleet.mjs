// Many accounts on several hosts that share a database. On each host: HOSTNAME=<its own> node fleet.mjs anna bert
// Once before: npx baileys-lifeline db migrate. DATABASE_URL and LIFELINE_ENCRYPTION_KEYS are the same on all hosts.
import { makeWASocket } from '@whiskeysockets/baileys'
import { printQr } from 'baileys-lifeline'
import { createDashboard } from 'baileys-lifeline/dashboard'
import { createFleet } from 'baileys-lifeline/fleet'

const accounts = process.argv.slice(2)
const fleet = createFleet({
  store: {
    connectionString: process.env.DATABASE_URL,
    encryptionKeys: process.env.LIFELINE_ENCRYPTION_KEYS?.split(',').map((one) => {
      const [id, key] = one.split(':') // the first encrypts, all decrypt
      return { id, key }
    }),
  },
  hostId: process.env.HOSTNAME,
  accounts,
  connect: ({ auth, logger, getMessage, caches }) => makeWASocket({ auth, logger, getMessage, ...caches }),
})
for (const account of accounts)
  fleet.line(account).on('qr', ({ code }) => {
    console.log(`scan for ${account}:`)
    printQr(code)
  })
fleet.on('claimed', (line) => {
  console.log(`${line.account} runs on ${process.env.HOSTNAME}`)
  line.on('status', ({ state }) => console.log(line.account, state))
})
await fleet.start() // SIGTERM hands the accounts to the hosts that stay
const { url } = await createDashboard(fleet, {
  token: process.env.DASHBOARD_TOKEN, // 22 characters or more
}).serve({ port: Number(process.env.PORT ?? 4747) })
console.log(`all hosts and accounts: ${url}`)
