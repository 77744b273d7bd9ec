import { Refusal } from './api.ts'
import { h } from './element.ts'
import { remediationHere } from './remedy-words.ts'

/** What went wrong, and what to do about it. */
export function problem(thrown: unknown): HTMLElement {
  const { message, remediation } =
    thrown instanceof Refusal ? thrown : { message: 'The page itself failed.', remediation: 'Load it again.' }
  return h(
    'div',
    { class: 'problem', role: 'alert' },
    h('p', {}, message),
    remediation !== undefined && h('p', { class: 'hint' }, remediationHere({ remediation })),
  )
}
