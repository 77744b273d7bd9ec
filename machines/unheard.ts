import type { OutboundAssessment } from './outbound.ts'

type Unheard = Pick<OutboundAssessment, 'contacts' | 'ownPhone' | 'companions'>

const counted = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]

/** Who cannot read what the account sends, in words: `3 contacts cannot read what you send`. */
export function unheardSaid({ contacts, ownPhone, companions }: Unheard): string {
  const who = [
    ...counted(contacts, 'contact', 'contacts'),
    ...(ownPhone ? ['your own phone'] : []),
    ...counted(companions, 'other linked device of yours', 'other linked devices of yours'),
  ]
  const [first = 'nobody', ...rest] = who
  const last = rest.pop()
  const listed = last === undefined ? first : `${[first, ...rest].join(', ')} and ${last}`
  return `${listed} cannot read what you send`
}
