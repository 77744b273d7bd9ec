import { cpSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore } from '../../../src/index.ts'
import { silent } from '../../baileys/lines.ts'
import { lines, World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

// One member of a group is never read: `Over 2000 messages into the future!`, `Received message with old counter`, as
// they stand in issues of Baileys and of gateways on it; played in the project's own trials in November 2026.

const four = ['1', '2', '3', '4']

describe.each(today)('the key of one member for a group, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `sender keys ${name}` })
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  /** For how many of four texts Baileys alone has to ask, each written when the one before was read. */
  async function askedAlone(folder: string, write: (text: string) => Promise<unknown>): Promise<number> {
    const { state, saveCreds } = await baileys.useMultiFileAuthState(folder)
    const socket = world.socket({ auth: state, logger: silent }, { retryRequestDelayMs: 1 })
    socket.ev.on('creds.update', saveCreds)
    await new Promise<void>((resolve) => {
      socket.ev.on('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications && resolve())
    })
    let stubs = 0
    for (const text of four) {
      const told = new Promise<void>((resolve) => {
        socket.ev.on('messages.upsert', ({ messages }) => {
          stubs += messages.filter(({ messageStubType }) => messageStubType === 2).length
          if (messages.some(({ message }) => message?.conversation === text)) resolve()
        })
      })
      await write(text)
      await told
      socket.ev.removeAllListeners('messages.upsert')
    }
    await socket.end(undefined)
    return stubs
  }

  test.each([
    { how: 'went on too far without the account', number: '491700000051', act: ['sender-key-set-aside'] },
    // What the member hands out with its answer to the first question reaches what it writes then.
    { how: 'went back, as a restored file does', number: '491700000052', act: [] },
  ])('that $how is asked for once, where Baileys alone asks again for each message', async ({ number, act }) => {
    const gateway = await world.linked(number)
    const member = world.server.contact(`anna ${number}`)
    const group = world.server.group(`choir ${number}`, [member, world.server.phone(number)])
    const write = (text: string) => member.send(group, text)
    let early = member.peer.senderKeys.snapshot()
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) {
      await write(text)
      await gateway.until(() => gateway.texts.includes(text))
      if (text === 'a') early = member.peer.senderKeys.snapshot()
    }
    await gateway.line.stop()
    const { senderKeys } = member.peer
    const harm = () => (act.length > 0 ? senderKeys.advance(group.jid, 2_010) : senderKeys.restore(early))
    const [before, copy] = [senderKeys.snapshot(), world.folder()]
    cpSync(gateway.folder, copy, { recursive: true })
    harm()
    expect(await askedAlone(copy, write)).toBeGreaterThanOrEqual(3)
    senderKeys.restore(before)
    harm()

    const again = await world.newcomer({}, gateway.folder, number).up()
    const [key] = (await fileAuthStore(gateway.folder).inspect()).counts['sender-key'] === 1 ? ['one'] : []
    expect(key).toBe('one')
    const asked = () => world.server.events.filter(({ kind, account }) => kind === 'retry' && account === number).length
    const sofar = asked()
    for (const text of four) {
      await write(text)
      await again.until(() => again.texts.includes(text), 12_000)
    }
    expect(asked() - sofar).toBe(1)
    expect(again.line.history().flatMap((entry) => (entry.type === 'act' ? [entry.act] : []))).toEqual(act)
    const [entry] = await again.line.quarantined()
    const kept = entry?.files.map((file) => file.name) ?? []
    expect(kept.length).toBe(1)
    expect(kept[0]).toContain(`sender-key-${group.jid}--`)
    const bytes = await readFile(join(gateway.folder, '.lifeline', 'quarantine', entry?.id ?? '', kept[0] ?? ''))
    expect(bytes.length).toBe(entry?.files[0]?.bytes)
    expect(again.path).not.toContain('degraded')
  })
})
