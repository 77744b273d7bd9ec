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
  'unanswered',
] as const
/** What an owner is told of. */
export type NoticeKind = (typeof noticeKinds)[number]
