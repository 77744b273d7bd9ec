import type { AccountView, ActionView, QuarantineView } from '../wire.ts'
import { accountPath, ask } from './api.ts'
import { askFirst } from './dialog.ts'
import { moment } from './duration.ts'
import { h, say } from './element.ts'
import { problem } from './problem.ts'

type Entry = QuarantineView['entries'][number]

const size = (bytes: number): string =>
  bytes < 1_024
    ? `${bytes} B`
    : bytes < 1_048_576
      ? `${Math.round(bytes / 1_024)} kB`
      : `${(bytes / 1_048_576).toFixed(1)} MB`

const words = (count: number): string => `${count} ${count === 1 ? 'file' : 'files'}`

/** What happens to the connection, and to the files as the box stands. */
const says = {
  open: 'The connection is closed, and opened again afterwards. All else stays in the quarantine.',
  closed: 'It reconnects afterwards. All else stays in the quarantine.',
  kept: 'The files go back to where they were, each as it was. If a newer one stands in the place of one of them, nothing is moved.',
  replaced: 'The files go back to where they were, each as it was. Newer ones in their place go into the quarantine.',
} as const

/** An account that has lost its link wants its credentials back; for any other the newest entry is meant. */
const sensible = ({ state }: AccountView['status'], entries: readonly Entry[]): Entry | undefined =>
  (state === 'awaitingQr' || state === 'blocked' ? entries.find(({ credentials }) => credentials) : undefined) ??
  entries.find(({ outlived }) => !outlived) ??
  entries[0]

/** Lists what was set aside, and puts back what is chosen. */
export function askToRestore({ account, status }: AccountView, tell: (sentence: string) => void): void {
  const list = h(
    'fieldset',
    { class: 'choices', 'aria-busy': 'true' },
    h('p', { class: 'hint' }, 'Reading the quarantine …'),
  )
  const force = h('input', { type: 'checkbox', id: 'restore-force' })
  const files = h('li', { 'aria-live': 'polite' }, says.kept)
  const open = status.state === 'healthy' || status.state === 'degraded'
  const agree = (): void => say(files, force.checked ? says.replaced : says.kept)
  force.addEventListener('change', agree)
  // The box is set where nothing would be put back without it.
  const choose = ({ outlived }: Entry): void => {
    force.checked = outlived
    agree()
  }
  askFirst({
    title: 'Restore from the quarantine?',
    body: [
      list,
      h('label', { class: 'check', for: 'restore-force' }, force, 'Set newer files aside that stand in their place'),
      h('ul', { class: 'happens' }, files, h('li', {}, open ? says.open : says.closed)),
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
  void fill(account, status, list, choose)
}

async function fill(
  account: string,
  status: AccountView['status'],
  list: HTMLElement,
  choose: (entry: Entry) => void,
): Promise<void> {
  try {
    const { entries } = await ask<QuarantineView>('GET', accountPath(account, 'quarantine'))
    const chosen = sensible(status, entries)
    if (!chosen) return list.replaceChildren(h('p', {}, 'The quarantine is empty: nothing was ever set aside.'))
    list.replaceChildren(
      h('legend', {}, 'What was set aside, newest first'),
      ...entries.map((entry) =>
        h(
          'label',
          { class: 'choice' },
          h('input', {
            type: 'radio',
            name: 'restore',
            value: entry.id,
            checked: entry === chosen,
            onchange: () => choose(entry),
          }),
          h(
            'span',
            {},
            h('strong', {}, moment(entry.at)),
            ` · ${words(entry.files)}, ${size(entry.bytes)}`,
            entry.credentials && h('span', { class: 'tag' }, 'credentials'),
            h('span', { class: 'why' }, entry.reason),
          ),
        ),
      ),
    )
    choose(chosen)
  } catch (thrown) {
    list.replaceChildren(problem(thrown))
  } finally {
    list.removeAttribute('aria-busy')
  }
}
