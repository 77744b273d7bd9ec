import type { BaileysSocket } from '../baileys/socket.ts'
import { type Folders, folders } from './folders.ts'
import { checkSuperviseOptions, type SuperviseOptions } from './line-options.ts'
import { type Baileys, baileysIn, type MultiFileAuth, type SocketConfig } from './namespace.ts'

/** For whoever puts this package in the place of Baileys; not part of the entry point. */
export interface SuperviseParts {
  /** Words for whoever runs the gateway. Default: a warning in the log of the socket that they are about. */
  readonly say?: (words: string) => void
  readonly folders?: Folders
  /** Told of each folder that is opened, by its real path. */
  readonly onOpened?: (folder: string) => void
}

/**
 * The same Baileys, supervised: `makeWASocket` gives a virtual socket that outlives the real ones, on folders that
 * `useMultiFileAuthState` has opened. All else of the namespace is as it was. Throws `OptionsError` on a wrong option,
 * and `LifelineError` of code `BAILEYS_UNKNOWN` if this is no Baileys 6.7.18 to 7.x.
 */
export function supervise<B extends object>(baileys: B, options: SuperviseOptions = {}): B {
  return superviseWith(baileys, options, {})
}

/** {@link supervise} with parts replaced. */
export function superviseWith<B extends object>(baileys: B, options: SuperviseOptions, parts: SuperviseParts): B {
  const real = baileysIn(baileys)
  const checked = checkSuperviseOptions(options)
  const all = parts.folders ?? folders()
  let passedThrough = false

  const say = (words: string): void => {
    if (parts.say) parts.say(words)
    else (options.logger ?? real.DEFAULT_CONNECTION_CONFIG?.logger)?.warn({}, `lifeline: ${words}`)
  }
  const useMultiFileAuthState = async (folder: string): Promise<MultiFileAuth> => {
    const opened = await all.open(folder, real, checked, say)
    parts.onOpened?.(opened.path)
    return { state: { creds: opened.creds, keys: opened.keys }, saveCreds: opened.saveCreds }
  }
  const makeWASocket = (config: SocketConfig): BaileysSocket => {
    const folder = all.of(config?.auth)
    if (folder) return folder.socket(real, config).sock as BaileysSocket
    if (!passedThrough) {
      passedThrough = true
      ;(config?.logger ?? real.DEFAULT_CONNECTION_CONFIG?.logger)?.warn({}, notOurs)
    }
    return real.makeWASocket(config)
  }
  const makeCacheableSignalKeyStore: Baileys['makeCacheableSignalKeyStore'] = (keys, logger, cache) => {
    const folder = all.of({ keys })
    return folder
      ? (folder.keys.cached as ReturnType<Baileys['makeCacheableSignalKeyStore']>)
      : real.makeCacheableSignalKeyStore(keys, logger, cache)
  }
  const replaced: object = { useMultiFileAuthState, makeWASocket, makeCacheableSignalKeyStore, default: makeWASocket }
  return Object.assign({}, baileys, replaced)
}

const notOurs =
  'lifeline: the credentials of this socket do not come from useMultiFileAuthState, so it is not supervised; use createLifeline with a store, e.g. rowAuthStore of baileys-lifeline/rows'
