import type { LinkView } from '../wire.ts'
import { accountPath, ask } from './api.ts'
import { askFirst } from './dialog.ts'
import { moment } from './duration.ts'
import { h, say } from './element.ts'

/** Makes a link for the owner of the phone. */
export function askForLink(account: string): void {
  askFirst({
    title: 'Make a one-time link?',
    body: [
      h(
        'ul',
        { class: 'happens' },
        h(
          'li',
          {},
          'Whoever opens it sees the code of this account and nothing else. It works once, and for a short time.',
        ),
        h(
          'li',
          {},
          'Send it only to the person who has the phone: with the code, another phone’s account could be linked here.',
        ),
      ),
    ],
    confirm: 'Make the link',
    act: async () => {
      const link = await ask<LinkView>('POST', accountPath(account, 'links'), {})
      return { title: 'The link is made', body: [made(link)] }
    },
  })
}

function made({ url, expiresAt, onlyHere }: LinkView): HTMLElement {
  const told = h('p', { class: 'hint', role: 'status' })
  const field = h('input', { type: 'text', readonly: true, value: url, 'aria-label': 'The link', class: 'link-url' })
  const copy = async (): Promise<void> => {
    field.select()
    try {
      await navigator.clipboard.writeText(url)
      say(told, 'Copied.')
    } catch {
      say(told, 'This browser does not let a page copy here: copy the marked text yourself.')
    }
  }
  return h(
    'div',
    {},
    h(
      'div',
      { class: 'field' },
      field,
      h('button', { type: 'button', class: 'button primary', onclick: () => void copy() }, 'Copy'),
    ),
    h('p', { class: 'hint' }, `Works once, until ${moment(expiresAt)}. It is not shown again.`),
    onlyHere && warning(onlyHere),
    told,
  )
}

/** A phone that opens `127.0.0.1` looks for the gateway on itself. */
const warning = ({ network = '0.0.0.0' }: NonNullable<LinkView['onlyHere']>): HTMLElement =>
  h(
    'div',
    { class: 'problem' },
    h('p', {}, 'This link opens on the gateway’s own machine alone, not on a phone.'),
    h(
      'p',
      { class: 'hint' },
      `For a phone in the same network, start the gateway with --dashboard-host ${network}; for one elsewhere, with --public-url. In your own program: serve({ host: '${network}' }), or the option publicUrl.`,
    ),
  )
