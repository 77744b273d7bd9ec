export {
  defaultPolicy,
  type NoticeKind,
  type Policy,
  type PolicyOptions,
  type StateName,
  type Status,
  type UserAction,
} from '../machines/index.ts'
export { fileAuthStore } from './auth/file-store.ts'
export type * from './auth/store.ts'
export type { LineEvents } from './baileys/emitter.ts'
export type { BaileysLogger, OwnersLogger } from './baileys/logger-tap.ts'
export type { BaileysSocket } from './baileys/socket.ts'
export * from './errors.ts'
export type { HistoryEntry } from './history.ts'
export { createLifeline, type Lifeline, type LineEventPayloads } from './lifeline.ts'
export type { Notice, Notifier } from './notices/notice.ts'
export type { ConnectOptions, LifelineOptions } from './options.ts'
