import type { GraphTransition, Trigger } from './graph.ts'

/** Events as people understand them. One that is missing here is shown by its name. */
const eventWords: Readonly<Record<string, string>> = {
  start: 'start()',
  stop: 'stop()',
  reconnect: 'reconnect()',
  prune: 'prune()',
  relink: 'relink()',
  'pairing.request': 'pairing code asked',
  'socket.open': 'opened',
  'socket.close': 'the socket closes',
  'close.judged': 'closed',
  'socket.qr': 'a code came',
  'socket.pairingCode': 'a pairing code came',
  'socket.codeRefused': 'no pairing code',
  'socket.scanned': 'scanned, not let in',
  'socket.paired': 'scanned',
  'liveness.lost': 'gone silent',
  'auth.failed': 'credentials fail',
  'evidence.changed': 'evidence',
  'outbound.changed': 'retries asked',
  'prune.proven': 'prune helped',
  'disk.trouble': 'disk fails',
  'disk.well': 'disk works',
}

const delayWords: Readonly<Record<string, string>> = {
  connectTimeout: '1 min',
  conflictOver: '1 min',
  closeAgain: 'a pause',
  retry: 'the wait',
  resetAfter: '1 min',
  escalate: '10 min',
  verify: '5 min',
  tell: '5 min',
  nextDay: 'a day',
  conflictProbe: 'an hour',
  hold: 'the hold',
}

/** Guards as people understand them; an empty text where the guard says nothing new. */
const guardWords: Readonly<Record<string, string>> = {
  current: '',
  'verdictIs(reconnect)': 'dial again',
  'verdictIs(prune)': 'sessions are damaged',
  'verdictIs(conflicted)': '440, another client',
  'verdictIs(block)': 'not let in',
  'verdictIs(pair)': 'unlinked',
  'verdictIs(stop)': 'logged out by us',
  'problemIs(disk)': 'disk',
  'problemIs(not-owner)': 'not the owner',
  'problemIs(creds)': 'changed meanwhile',
  'linkIs(staged)': 'scanned before',
  'linkIs(linked)': 'linked',
  'causeIs(qr-window-over)': 'window over',
  restartOfPairing: '515 after the scan',
  isFine: 'readable',
  isFailing: 'unreadable',
  banLasts: 'ban still lasts',
  banOutlastsTimer: 'ban lasts longer',
  codeAsked: 'code asked for',
  stormUnwatched: 'storm',
  unwatched: 'no prune watched',
  verifying: 'no better',
  prunedAndFine: 'better',
  rungLeft: 'a rung is left',
  pruneAffordable: 'in budget',
  needsPerson: 'needs a person',
  mayShowCode: 'windows left',
  oldCredsMayWork: 'old ones may work',
  scanned: 'scanned',
  'not scanned': 'not scanned',
  inline: 'if so',
  isExhausted: 'nothing left to try',
  isRelieved: 'over',
  cureLeft: 'not cured yet',
  renewalLeft: 'others cannot read',
  untold: 'nobody told yet',
}

/** `someName` as `some name`, for a guard that has no words yet. */
const spelled = (name: string): string =>
  name.startsWith('causeIs(')
    ? 'failed'
    : name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)

/** A trigger in a few words. */
export function triggerText(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'event':
      return eventWords[trigger.name] ?? trigger.name
    case 'after':
      return `after ${delayWords[trigger.name] ?? spelled(trigger.name)}`
    case 'done':
      return `${trigger.name} done`
    case 'error':
      return trigger.name === '*' ? 'a late failure' : `${trigger.name} fails`
    case 'always':
      return ''
  }
}

const conditionText = ({ guard, otherwise }: GraphTransition): string => {
  if (guard !== undefined) return guardWords[guard] ?? spelled(guard)
  return otherwise ? 'else' : ''
}

/** A transition in a few words, for the eye: `closed · dial again`. */
export function labelOf(transition: GraphTransition): string {
  const words = [triggerText(transition.trigger), conditionText(transition)].filter((text) => text !== '')
  return words.length === 0 ? 'at once' : words.join(' · ')
}

/** A transition in the machine's own terms, for the tooltip: `close.judged [verdictIs(reconnect)] / noteClose`. */
export function termsOf({ trigger, guard, actions }: GraphTransition): string {
  const event =
    trigger.kind === 'event' ? trigger.name : trigger.kind === 'always' ? 'always' : `${trigger.kind} ${trigger.name}`
  return `${event}${guard === undefined ? '' : ` [${guard}]`}${actions.length === 0 ? '' : ` / ${actions.join(', ')}`}`
}
