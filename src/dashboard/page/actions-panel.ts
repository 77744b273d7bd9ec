import type { Abilities, AccountView, ActionView } from '../wire.ts'
import { type ActionWords, actionWords } from './action-words.ts'
import { accountPath, ask } from './api.ts'
import { askFirst } from './dialog.ts'
import { h } from './element.ts'
import { askForLink } from './link-dialog.ts'
import { askToRestore } from './restore-dialog.ts'

/**
 * What a person can ask for. What would not be taken now stays in its place, marked, so that the focus is never lost to
 * an update.
 */
export class ActionsPanel {
  readonly element: HTMLElement
  readonly #account: string
  readonly #tell: (sentence: string) => void
  readonly #buttons = new Map<keyof Abilities, HTMLButtonElement>()
  readonly #note = h('p', { class: 'hint note', hidden: true })

  constructor(account: string, headingId: string, tell: (sentence: string) => void) {
    this.#account = account
    this.#tell = (sentence) => {
      this.#note.hidden = false
      this.#note.textContent = sentence
      tell(sentence)
    }
    this.element = h(
      'section',
      { class: 'card actions-panel', 'aria-labelledby': headingId },
      h('h2', { id: headingId }, 'Actions'),
      h(
        'ul',
        { class: 'actions' },
        ...actionWords.map((words) => this.#item(words.can, words.title, words.hint, () => this.#ask(words))),
        this.#item('restore', 'Restore from the quarantine', 'Put back what was set aside', () =>
          askToRestore(this.#account, this.#tell),
        ),
        this.#item('link', 'Make a one-time link', 'For the owner of the phone, to see the code alone', () =>
          askForLink(this.#account),
        ),
      ),
      this.#note,
    )
  }

  show({ can }: AccountView): void {
    for (const [ability, button] of this.#buttons) {
      if (can[ability]) button.removeAttribute('aria-disabled')
      else button.setAttribute('aria-disabled', 'true')
    }
  }

  #item(can: keyof Abilities, title: string, hint: string, act: () => void): HTMLElement {
    const onclick = (): void => {
      if (button.getAttribute('aria-disabled') !== 'true') act()
    }
    const button: HTMLButtonElement = h(
      'button',
      { type: 'button', class: 'action', onclick, 'data-action': can },
      h('strong', {}, title),
      h('span', { class: 'hint' }, hint),
    )
    this.#buttons.set(can, button)
    return h('li', {}, button)
  }

  #ask({ action, question, happens, confirm, done, grave }: ActionWords): void {
    askFirst({
      title: question,
      body: [h('ul', { class: 'happens' }, ...happens.map((sentence) => h('li', {}, sentence)))],
      confirm,
      grave,
      act: async () => {
        await ask<ActionView>('POST', accountPath(this.#account, `actions/${action}`), {})
        this.#tell(done)
        return undefined
      },
    })
  }
}
