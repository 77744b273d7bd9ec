import type { AccountView, ActionView, QuarantineView } from '../wire.ts'
import { accountPath, ask } from './api.ts'
import { askFirst } from './dialog.ts'
import { moment } from './duration.ts'
import { h } from './element.ts'
import { problem } from './problem.ts'

const size = (bytes: number): string =>
  bytes < 1_024
    ? `${bytes} B`
    : bytes < 1_048_576
      ? `${Math.round(bytes / 1_024)} kB`
      : `${(bytes / 1_048_576).toFixed(1)} MB`

const words = (count: number): string => `${count} ${count === 1 ? 'file' : 'files'}`

/** Lists what was set aside, and puts back what is chosen. */
export function askToRestore({ account, status }: AccountView, tell: (sentence: string) => void): void {
  const list = h(
    'fieldset',
    { class: 'choices', 'aria-busy': 'true' },
    h('p', { class: 'hint' }, 'Reading the quarantine …'),
  )
  const force = h('input', { type: 'checkbox', id: 'restore-force' })
  askFirst({
    title: 'Restore from the quarantine?',
    body: [
      list,
      h(
        'ul',
        { class: 'happens' },
        h(
          'li',
          {},
          `${status.state === 'healthy' || status.state === 'degraded' ? 'The connection is closed, the files' : 'The files'} go back to where they were, each as it was, and it reconnects. All else stays in the quarantine.`,
        ),
      ),
      h(
        'label',
        { class: 'check', for: 'restore-force' },
        force,
        'Replace files that are there by now (they are set aside in their turn)',
      ),
    ],
    confirm: 'Restore',
    grave: true,
    act: async () => {
      const id = list.querySelector<HTMLInputElement>('input:checked')?.value
      if (id === undefined) return { title: 'Nothing was restored', body: [h('p', {}, 'There is nothing to restore.')] }
      const body = force.checked ? { id, force: true } : { id }
      const { restored } = await ask<ActionView>('POST', accountPath(account, 'actions/restore'), body)
      tell(`Restored: ${words(restored?.length ?? 0)}.`)
      return undefined
    },
  })
  void fill(account, list)
}

async function fill(account: string, list: HTMLElement): Promise<void> {
  try {
    const { entries } = await ask<QuarantineView>('GET', accountPath(account, 'quarantine'))
    if (entries.length === 0) list.replaceChildren(h('p', {}, 'The quarantine is empty: nothing was ever set aside.'))
    else
      list.replaceChildren(
        h('legend', {}, 'What was set aside, newest first'),
        ...entries.map(({ id, at, reason, files, bytes }, index) =>
          h(
            'label',
            { class: 'choice' },
            h('input', { type: 'radio', name: 'restore', value: id, checked: index === 0 }),
            h(
              'span',
              {},
              h('strong', {}, moment(at)),
              ` · ${words(files)}, ${size(bytes)}`,
              h('span', { class: 'why' }, reason),
            ),
          ),
        ),
      )
  } catch (thrown) {
    list.replaceChildren(problem(thrown))
  } finally {
    list.removeAttribute('aria-busy')
  }
}
