import { h, say } from './element.ts'
import { problem } from './problem.ts'

export interface Question {
  readonly title: string
  readonly body: readonly Node[]
  readonly confirm: string
  readonly grave?: boolean | undefined
  /**
   * Does it. The dialog closes when it resolves, and tells what a rejection says; what it returns takes the question's
   * place.
   */
  readonly act: () => Promise<{ readonly title: string; readonly body: readonly Node[] } | undefined>
}

let dialogs = 0

/** Asks before anything is done. Escape and Cancel leave everything as it is; the focus goes back to where it was. */
export function askFirst({ title, body, confirm, grave = false, act }: Question): void {
  dialogs += 1
  const id = `dialog-${dialogs}`
  const trouble = h('div', {})
  const yes = h('button', { type: 'submit', class: grave ? 'button grave' : 'button primary' }, confirm)
  const cancel = h('button', { type: 'button', class: 'button', onclick: () => dialog.close() }, 'Cancel')
  const heading = h('h2', { id }, title)
  const content = h('div', { class: 'dialog-body' }, ...body)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (yes.hidden) return dialog.close()
    yes.disabled = true
    trouble.replaceChildren()
    try {
      const after = await act()
      if (!after) return dialog.close()
      say(heading, after.title)
      content.replaceChildren(...after.body)
      yes.hidden = true
      say(cancel, 'Close')
      const first = content.querySelector<HTMLElement>('button, input')
      first?.focus()
    } catch (thrown) {
      trouble.replaceChildren(problem(thrown))
    } finally {
      yes.disabled = false
      if (document.activeElement === document.body) (yes.hidden ? cancel : yes).focus()
    }
  }
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': id, onclose: () => dialog.remove() },
    h(
      'form',
      { onsubmit: (event: SubmitEvent) => void submit(event) },
      heading,
      content,
      trouble,
      h('div', { class: 'dialog-foot' }, cancel, yes),
    ),
  )
  document.body.append(dialog)
  dialog.showModal()
  // The answer that changes nothing is the one at hand.
  if (grave) cancel.focus()
  else yes.focus()
}
