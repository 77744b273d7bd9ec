import type { Context, NoticeKind } from '../../machines/index.ts'

const sessions = (count: number): string => (count === 1 ? '1 session' : `${count} sessions`)

const rows: Readonly<Record<NoticeKind, (context: Context) => Record<string, unknown>>> = {
  outage: () => ({}),
  recovered: () => ({}),
  'sessions-pruned': ({ verifying }) => ({
    scope: verifying?.scope,
    addresses: verifying?.addresses ?? [],
    why: verifying?.why,
    quarantine: verifying?.quarantine,
  }),
  'credentials-restored': () => ({}),
  'relink-needed': ({ pair: { reason, resume, stranger } }) => ({
    reason: stranger ? 'other-number' : reason,
    scanned: resume,
    otherNumber: stranger && `…${stranger.ending}`,
    unlinked: stranger && stranger.link === 'unlinked',
  }),
  relinked: ({ self }) => ({ self: self?.id }),
  conflict: ({ conflicts }) => ({ conflicts: [...conflicts] }),
  blocked: ({ block }) => ({ reason: block?.reason, until: block?.until, detail: block?.detail }),
  'pruning-exhausted': ({ exhausted, tried, evidence, withheld }) => ({
    why: exhausted,
    would: withheld && (withheld.scope === 'all' ? 'all sessions' : sessions(withheld.addresses.length)),
    tried: { ...tried },
    messages: evidence.messages,
    addresses: [...evidence.addresses],
  }),
}

/** What a notice of this kind knows, read off the machine's context. Fields that are not known are left out. */
export function noticeDetails(kind: NoticeKind, context: Context): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(rows[kind](context)).filter(([, value]) => value !== undefined))
}
