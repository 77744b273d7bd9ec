import { Boom } from '@hapi/boom'
import { DisconnectReason } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { dialAgain } from '../../../src/rehearsal/demo/loop-gateway.ts'
import { ScriptedSocket } from '../../line/scripted-line.ts'

const turn = () => new Promise(setImmediate)

async function made() {
  const sockets: ScriptedSocket[] = []
  const said: unknown[] = []
  const did: unknown[] = []
  const baileys = {
    DisconnectReason,
    useMultiFileAuthState: async (folder: string) => {
      did.push(['reads', folder])
      return { state: { of: folder }, saveCreds: async () => void did.push('saves') }
    },
    makeWASocket: (config: { auth: never }) => {
      const socket = Object.assign(new ScriptedSocket(config as never), {
        sendMessage: async (jid: string, content: object) => void did.push(['sends', jid, content]),
      })
      sockets.push(socket)
      return socket
    },
  }
  await dialAgain(baileys as never, '/auth', (type, more) => void said.push({ type, ...more }))
  return { sockets, said, did }
}

test('a loop as everybody writes it dials again after every close but a logout, with the code that it was told', async () => {
  const { sockets, said, did } = await made()
  expect([sockets.length, sockets[0]?.given, did]).toEqual([1, { auth: { of: '/auth' } }, [['reads', '/auth']]])
  sockets[0]?.update({ qr: 'one' })
  sockets[0]?.update({ connection: 'connecting' })
  sockets[0]?.update({ connection: 'open' })
  sockets[0]?.ev.emit('creds.update', {})
  expect(did.splice(0)).toEqual([['reads', '/auth'], 'saves'])
  const close = (error: Error | undefined) =>
    sockets.at(-1)?.update({ connection: 'close', lastDisconnect: { error, date: new Date() } })
  close(new Boom('x', { statusCode: 503 }))
  await turn()
  close(new Error('no code'))
  await turn()
  sockets.at(-1)?.update({ connection: 'close' })
  await turn()
  expect([sockets.length, did.length]).toEqual([4, 3])
  close(new Boom('x', { statusCode: DisconnectReason.loggedOut }))
  await turn()
  expect(sockets.length).toBe(4)
  expect(said).toEqual([
    { type: 'code', code: 'one' },
    { type: 'open' },
    { type: 'close', code: 503 },
    { type: 'close', code: undefined },
    { type: 'close', code: undefined },
    { type: 'close', code: 401 },
    { type: 'given-up' },
  ])
})

test('it answers what others write, one after the other, and nothing else', async () => {
  const { sockets, said, did } = await made()
  did.length = 0
  const key = { id: '1', remoteJid: 'a@jid', fromMe: false }
  const messages = [
    { key, message: { conversation: 'hi' } },
    { key: { ...key, fromMe: true }, message: { conversation: 'own' } },
    { key: { ...key, remoteJid: null }, message: { conversation: 'nowhere' } },
    { key },
    { key, message: { extendedTextMessage: { text: 'long' } } },
  ]
  sockets[0]?.ev.emit('messages.upsert', { type: 'notify', messages })
  await turn()
  expect(said).toEqual([
    { type: 'read', text: 'hi' },
    { type: 'read', text: 'long' },
  ])
  expect(did).toEqual([
    ['sends', 'a@jid', { text: 'You wrote: hi' }],
    ['sends', 'a@jid', { text: 'You wrote: long' }],
  ])
})
