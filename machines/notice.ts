/** What an owner is told of. */
export const noticeKinds = [
  'outage',
  'recovered',
  'sessions-pruned',
  'credentials-restored',
  'relink-needed',
  'relinked',
  'conflict',
  'blocked',
  'pruning-exhausted',
  'unstable',
] as const
export type NoticeKind = (typeof noticeKinds)[number]
