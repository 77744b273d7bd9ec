import { h } from './element.ts'
import { problem } from './problem.ts'
import { wordmark } from './wordmark.ts'

interface Entry {
  readonly title: string
  readonly body: readonly Node[]
  readonly confirm: string
  /** Lets the viewer in, or rejects with why not. */
  readonly enter: () => Promise<void>
}

/** What somebody fills in to be let in: one button. */
export function entryForm({ title, body, confirm, enter }: Entry): HTMLElement {
  const trouble = h('div', {})
  const button = h('button', { type: 'submit', class: 'button primary' }, confirm)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    button.disabled = true
    trouble.replaceChildren()
    try {
      await enter()
    } catch (thrown) {
      trouble.replaceChildren(problem(thrown))
      button.disabled = false
      ;(event.target as HTMLFormElement).querySelector('input')?.select()
    }
  }
  return h(
    'form',
    { class: 'card', onsubmit: (event: SubmitEvent) => void submit(event) },
    h('h1', { id: 'door-title' }, title),
    ...body,
    trouble,
    button,
  )
}

/** The door of the page: one card. */
export const doorOf = (card: HTMLElement): HTMLElement =>
  h('div', { class: 'page door' }, h('header', { class: 'top' }, wordmark()), h('main', { id: 'main' }, card))
