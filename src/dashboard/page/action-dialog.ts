import type { AccountView, ActionView } from '../wire.ts'
import type { ActionWords } from './action-words.ts'
import { accountPath, ask } from './api.ts'
import { askFirst } from './dialog.ts'
import { h } from './element.ts'

/** Asks before an action is done, with what it does as the account stands now; tells when it was asked for. */
export function askToAct(
  { action, question, happens, confirm, done, grave }: ActionWords,
  view: AccountView,
  tell: (sentence: string) => void,
): void {
  askFirst({
    title: question,
    body: [h('ul', { class: 'happens' }, ...happens(view).map((sentence) => h('li', {}, sentence)))],
    confirm,
    grave,
    act: async () => {
      await ask<ActionView>('POST', accountPath(view.account, `actions/${action}`), {})
      tell(done)
      return undefined
    },
  })
}
