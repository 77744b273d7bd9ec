import { type AuthenticationCreds, BufferJSON, initAuthCreds } from '@whiskeysockets/baileys'
import type { ModelDisk } from './model-disk.ts'

/** The account's folder on the model disk. */
export const folder = '/auth'

/** What the proof sees of a store: enough to save, and to read after the power came back. */
export interface Subject {
  /** Of what was saved together all is there after a cut or nothing, and nothing without what was saved before it. */
  readonly keepsSetsWhole?: true
  open(disk: ModelDisk): Promise<{
    readonly creds: AuthenticationCreds
    set(sessions: Readonly<Record<string, object | null>>): Promise<void>
    saveCreds(): Promise<void>
    /** The orderly end. */
    settle?(): Promise<void>
  }>
  /**
   * Creds, undefined if there are none, and the stored sessions, null where there is none; rejects if something is no
   * whole value.
   */
  read(
    disk: ModelDisk,
    ids: readonly string[],
  ): Promise<{ readonly creds: AuthenticationCreds | undefined; readonly values: Readonly<Record<string, unknown>> }>
}

// Making key pairs costs more than a whole story, so all stories share one identity.
const minted = JSON.stringify(initAuthCreds(), BufferJSON.replacer)
export const mint = (): AuthenticationCreds => JSON.parse(minted, BufferJSON.reviver)
