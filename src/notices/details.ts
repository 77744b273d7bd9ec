import { type Context, isLinkable, type NoticeKind, newLinkHelps, recentDrops } from '../../machines/index.ts'

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
  'relink-needed': ({ pair: { reason, resume, stranger, shutOut } }) => ({
    reason: stranger ? 'other-number' : shutOut ? 'not-let-in' : reason,
    // A pairing that is being completed needs nobody.
    scanned: resume && shutOut === undefined,
    scans: shutOut?.scans,
    otherNumber: stranger && `…${stranger.ending}`,
    unlinked: stranger && stranger.link === 'unlinked',
  }),
  relinked: ({ self }) => ({ self: self?.id }),
  conflict: ({ conflicts }) => ({ conflicts: [...conflicts] }),
  blocked: ({ block }) => ({ reason: block?.reason, until: block?.until, detail: block?.detail }),
  unstable: (context) =>
    context.unstable === undefined
      ? { closes: recentDrops(context).length, over: true }
      : { closes: context.unstable.closes, cause: context.unstable.kind, since: context.unstable.since },
  unanswered: () => ({}),
  'pruning-exhausted': (context) => ({
    ...ladder(context),
    unheard: unheardOf(context),
    linkingHelps: (context.exhausted === undefined ? isLinkable(context.pair) : newLinkHelps(context))
      ? undefined
      : false,
  }),
}

/** What we cannot read, once the ladder has come to its end. */
function ladder({ exhausted, tried, evidence, withheld }: Context): Record<string, unknown> {
  if (exhausted === undefined && withheld === undefined) return {}
  return {
    why: exhausted,
    would: withheld && (withheld.scope === 'all' ? 'all sessions' : sessions(withheld.addresses.length)),
    tried: { ...tried },
    messages: evidence.messages,
    addresses: [...evidence.addresses],
  }
}

/** Who cannot read us although new sessions were made, once that is told. */
function unheardOf({ outbound, told }: Context): Record<string, unknown> | undefined {
  const { contacts, ownPhone, companions, messages, addresses } = outbound
  if (!addresses.some((address) => Object.hasOwn(told, address))) return undefined
  return { contacts, ownPhone, companions, messages, addresses: [...addresses] }
}

/** What a notice of this kind knows, read off the machine's context. Fields that are not known are left out. */
export function noticeDetails(kind: NoticeKind, context: Context): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(rows[kind](context)).filter(([, value]) => value !== undefined))
}
