// The dashboard in an Express app. npm install express baileys-lifeline @whiskeysockets/baileys@7.0.0-rc14 prom-client
import { makeWASocket } from '@whiskeysockets/baileys'
import { createLifeline, printQr } from 'baileys-lifeline'
import { createDashboard } from 'baileys-lifeline/dashboard'
import express from 'express'

const port = Number(process.env.PORT ?? 3001)
const line = createLifeline({
  auth: './whatsapp-auth',
  connect: ({ auth, logger, getMessage, caches }) => makeWASocket({ auth, logger, getMessage, ...caches }),
})
line.on('qr', ({ code }) => printQr(code))
await line.start()

// Behind a proxy PUBLIC_URL is what a browser shows; the token lies in whatsapp-auth/.lifeline/dashboard-token.
const dashboard = createDashboard(line, {
  basePath: '/ops/whatsapp',
  publicUrl: process.env.PUBLIC_URL ?? `http://127.0.0.1:${port}/ops/whatsapp/`,
})
const app = express().use('/ops/whatsapp', dashboard.node)
app.get('/', (_request, response) => response.send(line.status.message))
const server = app.listen(port, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/ops/whatsapp/`)
})

process.once('SIGTERM', async () => {
  server.close()
  await dashboard.close()
  await line.stop()
  process.exit()
})
