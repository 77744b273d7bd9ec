import { type NoticeKind, noticeKinds } from '../../machines/index.ts'
import { wrongOption } from '../errors/wrong-option.ts'

/** Which kinds a channel tells: those given, or all. */
export function kindsOption(owner: string, given: unknown): ReadonlySet<NoticeKind> {
  if (given === undefined) return new Set(noticeKinds)
  const allowed = `an array with one or more of ${noticeKinds.join(', ')}`
  if (!Array.isArray(given) || given.length === 0) throw wrongOption(`${owner}.kinds`, given, allowed)
  const kinds = noticeKinds.filter((kind) => given.includes(kind))
  if (kinds.length !== new Set(given).size)
    throw wrongOption(`${owner}.kinds`, given, allowed, 'an array with something else')
  return new Set(kinds)
}
