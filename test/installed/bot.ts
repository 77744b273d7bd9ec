/** A bot on the fake server, from the first code to its answer. */
export const bot = (baileys: string) => `
  import * as namespace from '${baileys}'
  import { createLifeline } from 'baileys-lifeline'
  import { withFakeWhatsApp } from 'baileys-lifeline/fake-whatsapp'

  await withFakeWhatsApp(async (server, auth) => {
    server.trust(namespace)
    const line = createLifeline({
      auth,
      connect: ({ auth, logger, getMessage, caches }) =>
        namespace.makeWASocket({ ...server.clientOptions, auth, logger, getMessage, ...caches }),
    })
    line.ev.on('messages.upsert', async ({ messages: [message] }) => {
      const jid = message?.key.remoteJid
      if (jid && message?.message?.conversation === 'ping') await line.socket?.sendMessage(jid, { text: 'pong' })
    })
    const phone = server.phone('491700000001')
    await phone.link(line)
    const anna = server.contact('anna')
    const answer = anna.nextReceived()
    await anna.send(phone, 'ping')
    console.log('answered', await answer)
    await line.stop()
  }, { claimedPreKeys: 1 })
`

/** Says at the end by which long timers the process is still held, ms. */
export const countingTimers = (program: string) => `
  import { createHook } from 'node:async_hooks'
  const timers = new Map()
  const init = (id, type, _, timer) => type === 'Timeout' && timers.set(id, timer)
  createHook({ init, destroy: (id) => timers.delete(id) }).enable()
  ${program}
  const held = [...timers.values()].filter((timer) => timer.hasRef()).map((timer) => timer._idleTimeout)
  console.log('held by', held.filter((ms) => ms >= 5_000))
`
