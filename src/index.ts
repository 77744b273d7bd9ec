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
export { type Health, health, type Probe, type PublicStatus, publicStatus } from './metrics/health.ts'
export type { ObservedLine } from './metrics/line-watch.ts'
export { collectMetrics, type MetricsOptions, type MetricsRegister } from './metrics/prometheus.ts'
export { traceIncidents } from './metrics/tracing.ts'
export { type CommandOptions, command } from './notices/command.ts'
export { type DesktopOptions, desktop } from './notices/desktop.ts'
export type { NoticeKeep } from './notices/keep.ts'
export type { ChannelContext, ChannelLine, Notice, NoticeChannel, Notifier, OpenChannel } from './notices/notice.ts'
export { type SelfMessageOptions, selfMessage } from './notices/self-message.ts'
export { type WebhookOptions, webhook } from './notices/webhook.ts'
export { type ReceivedHeaders, type VerifiedWebhook, verifyWebhook } from './notices/webhook-signature.ts'
export type { ConnectOptions, LifelineOptions } from './options.ts'
export type { RetriesAsked } from './outbound-monitor.ts'
export type { GetMessage } from './sent/resender.ts'
