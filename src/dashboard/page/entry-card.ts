import { h } from './element.ts'
import { wordmark } from './owner-page.ts'
import { problem } from './problem.ts'

interface Entry {
  readonly title: string
  readonly body: readonly Node[]
  readonly confirm: string
  /** Lets the viewer in, or rejects with why not. */
  readonly enter: () => Promise<void>
}

/** The door of the page: one card with one button. */
export function entryCard({ title, body, confirm, enter }: Entry): HTMLElement {
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
    'div',
    { class: 'page door' },
    h('header', { class: 'top' }, wordmark()),
    h(
      'main',
      { id: 'main' },
      h(
        'form',
        { class: 'card', onsubmit: (event: SubmitEvent) => void submit(event) },
        h('h1', {}, title),
        ...body,
        trouble,
        button,
      ),
    ),
  )
}
