export type { RetriesAsked } from '../machines/index.ts'
export {
  defaultPolicy,
  type NoticeKind,
  type Policy,
  type PolicyOptions,
  type Remedy,
  type StateName,
  type Status,
  type UserAction,
} from '../machines/index.ts'
export { type PublicStatus, publicStatus } from '../machines/public-status.ts'
export type { LineEvents } from './baileys/emitter.ts'
export type { BaileysLogger, OwnersLogger } from './baileys/logger-tap.ts'
export type { BaileysSocket } from './baileys/socket.ts'
export * from './errors/errors.ts'
export type { HistoryEntry } from './history/entry.ts'
export { createLifeline } from './line/create-lifeline.ts'
export type { Lifeline, LineEventPayloads } from './line/lifeline.ts'
export type { LifelineOptions } from './line/options.ts'
export type { ConnectOptions } from './line/services/connect-options.ts'
export type { GetMessage } from './line/services/sent/resender.ts'
export { type Health, health, type Probe } from './metrics/health.ts'
export type { ObservedLine } from './metrics/line-watch.ts'
export { collectMetrics, type MetricsOptions, type MetricsRegister } from './metrics/prometheus.ts'
export { traceIncidents } from './metrics/tracing.ts'
export { type CommandOptions, command } from './notices/command.ts'
export { type DesktopOptions, desktop } from './notices/desktop.ts'
export type { NoticeKeep } from './notices/keep.ts'
export type { Notice } from './notices/notice.ts'
export type { ChannelContext, ChannelLine, NoticeChannel, Notifier, OpenChannel } from './notices/notifier.ts'
export { type SelfMessageOptions, selfMessage } from './notices/self-message.ts'
export { type WebhookOptions, webhook } from './notices/webhook.ts'
export { type ReceivedHeaders, type VerifiedWebhook, verifyWebhook } from './notices/webhook-signature.ts'
export { fileAuthStore } from './stores/folder/file-store.ts'
export type * from './stores/store.ts'
export { type PrintQrOptions, printQr } from './terminal/print-qr.ts'
