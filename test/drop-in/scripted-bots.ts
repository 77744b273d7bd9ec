import * as v7 from '@whiskeysockets/baileys'
import { afterEach } from 'vitest'
import type { SuperviseOptions } from '../../src/drop-in/index.ts'
import { ScriptedSocket } from '../line/scripted-line.ts'
import { linkedAccount } from '../stores/account.ts'
import { Bot, type Held } from './bot.ts'

type Config = Partial<v7.UserFacingSocketConfig>

/** Gateways on a Baileys whose sockets do what the test says; let go of after each. */
export class ScriptedBots {
  /** The real sockets, in the order in which they were made. */
  readonly sockets: ScriptedSocket[] = []
  /** What is done to each of them as soon as it is made. */
  made: (socket: ScriptedSocket) => void = () => undefined
  readonly #bots: Bot[] = []
  #waiting: (() => void)[] = []

  constructor() {
    afterEach(async () => {
      const { sockets } = this
      this.made = () => undefined
      for (const socket of sockets) socket.ends = true
      await Promise.all(this.#bots.splice(0).flatMap(({ held }) => held.map((one) => one.letGo())))
      sockets.length = 0
    })
  }

  bot(options?: SuperviseOptions, changes: object = {}): Bot {
    const makeWASocket = (config: never) => {
      const socket = new ScriptedSocket(config)
      this.sockets.push(socket)
      this.made(socket)
      for (const go of this.#waiting.splice(0)) go()
      return socket as never
    }
    const baileys = { ...v7, makeWASocket: makeWASocket as unknown as typeof v7.makeWASocket, ...changes }
    const bot = new Bot({ baileys, server: { clientOptions: {} as never } }, options)
    this.#bots.push(bot)
    return bot
  }

  /** A folder with a linked account that nobody has. */
  async linkedFolder(): Promise<string> {
    const { folder, store } = await linkedAccount()
    await store.release()
    return folder
  }

  /** The real socket of this place, once it is there, is listened to and has said that it connects. */
  async dialled(at = this.sockets.length): Promise<ScriptedSocket> {
    while (this.sockets.length <= at) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    await turn()
    const socket = this.sockets[at]
    if (!socket) throw new Error('There is no such socket.')
    socket.update({ connection: 'connecting', receivedPendingNotifications: false, qr: undefined })
    return socket
  }

  /** The one of this place opens. */
  async opened(at = this.sockets.length): Promise<ScriptedSocket> {
    const socket = await this.dialled(at)
    socket.open()
    await turn()
    return socket
  }

  /** A gateway whose socket is open. */
  async up(bot: Bot, folder?: string, config?: Config): Promise<Held> {
    const at = this.sockets.length
    const held = await bot.open(folder ?? (await this.linkedFolder()), config)
    await this.opened(at)
    await held.until(() => held.drained)
    return held
  }
}

/** Everything that needs no time has happened. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
