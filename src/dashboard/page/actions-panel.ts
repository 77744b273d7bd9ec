import type { Abilities, AccountView } from '../wire.ts'
import { askToAct } from './action-dialog.ts'
import { actionWords } from './action-words.ts'
import { h, say } from './element.ts'
import { askForLink } from './link-dialog.ts'
import { askToRestore } from './restore-dialog.ts'

/**
 * What a person can ask for. What would not be taken now stays in its place, marked, so that the focus is never lost to
 * an update.
 */
export class ActionsPanel {
  readonly element: HTMLElement
  readonly #account: string
  /** Says it beneath the buttons, and to those who listen to the page. */
  readonly tell: (sentence: string) => void
  readonly #buttons = new Map<keyof Abilities, Button>()
  #view: AccountView | undefined
  readonly #note = h('p', { class: 'hint note', hidden: true })

  constructor(account: string, headingId: string, tell: (sentence: string) => void) {
    this.#account = account
    this.tell = (sentence) => {
      this.#note.hidden = false
      say(this.#note, sentence)
      tell(sentence)
    }
    this.element = h(
      'section',
      { class: 'card actions-panel', 'aria-labelledby': headingId },
      h('h2', { id: headingId }, 'Actions'),
      h(
        'ul',
        { class: 'actions' },
        ...actionWords.map((words) =>
          this.#item(words.can, words.title, words.hint, words.whyNot, () => {
            if (this.#view) askToAct(words, this.#view, this.tell)
          }),
        ),
        this.#item('restore', 'Restore from the quarantine', 'Put back what was set aside', restoreWhyNot, () => {
          if (this.#view) askToRestore(this.#view, this.tell)
        }),
        this.#item('link', 'Make a one-time link', 'For the owner of the phone, to see the code alone', stopped, () =>
          askForLink(this.#account),
        ),
      ),
      this.#note,
    )
  }

  show(view: AccountView): void {
    this.#view = view
    for (const [ability, { button, hint, words, whyNot }] of this.#buttons) {
      const takes = view.can[ability]
      if (takes) button.removeAttribute('aria-disabled')
      else button.setAttribute('aria-disabled', 'true')
      say(hint, takes ? words : `${whyNot(view)}.`)
    }
  }

  #item(
    can: keyof Abilities,
    title: string,
    words: string,
    whyNot: (view: AccountView) => string,
    act: () => void,
  ): HTMLElement {
    const onclick = (): void => {
      if (button.getAttribute('aria-disabled') !== 'true') act()
    }
    const hint = h('span', { class: 'hint' }, words)
    const button: HTMLButtonElement = h(
      'button',
      { type: 'button', class: 'action', onclick, 'data-action': can },
      h('strong', {}, title),
      hint,
    )
    this.#buttons.set(can, { button, hint, words, whyNot })
    return h('li', {}, button)
  }
}

interface Button {
  readonly button: HTMLButtonElement
  readonly hint: HTMLElement
  /** What it does, and why it cannot be asked for now. */
  readonly words: string
  readonly whyNot: (view: AccountView) => string
}

const stopped = (): string => 'Supervision is stopped'
const restoreWhyNot = ({ mode, status }: AccountView): string =>
  mode === 'observe' && status.state !== 'stopped' ? 'Only observing: nothing is put back' : stopped()
