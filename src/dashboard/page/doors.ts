import type { RedeemRequest, TokenRequest } from '../wire.ts'
import { ask } from './api.ts'
import { h } from './element.ts'
import { doorOf, entryForm } from './entry-card.ts'
import { entitle } from './page-title.ts'
import { problem } from './problem.ts'
import { speak } from './speech.ts'

/** Exchanges the link that the owner's terminal showed for the cookie. */
export const signIn = (secret: string): Promise<unknown> =>
  ask('POST', 'api/sign-in', { secret } satisfies RedeemRequest)

/** The field for the token. `before`: what is said above it. */
export const tokenForm = (title: string, before: readonly Node[], entered: () => void): HTMLElement => {
  const input = h('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    spellcheck: 'false',
    'aria-describedby': 'token-hint',
  })
  return entryForm({
    title,
    body: [
      ...before,
      h('label', { for: 'token' }, 'Token of this gateway'),
      input,
      h(
        'p',
        { id: 'token-hint', class: 'hint' },
        'It lies on the gateway, in the file .lifeline/dashboard-token of the account’s folder; lifeline link --owner makes a link that needs none. It is sent once and then kept out of reach of scripts.',
      ),
    ],
    confirm: 'Enter',
    enter: async () => {
      await ask('POST', 'api/session', { token: input.value.trim() } satisfies TokenRequest)
      entered()
    },
  })
}

/** For a viewer whom the gateway does not know. `refused`: why a link did not sign him in. */
export const tokenDoor = (entered: () => void, refused?: unknown): HTMLElement =>
  doorOf(tokenForm('Who is there?', refused === undefined ? [] : [problem(refused)], entered))

/**
 * For the holder of a one-time link. A press opens it, so that a program which only looks at links does not use it up.
 */
export const linkDoor = (secret: string, entered: () => void): HTMLElement =>
  doorOf(
    entryForm({
      title: 'Link a WhatsApp account',
      body: [
        h('p', {}, 'This link shows the code of one account, for you to scan with the phone that has WhatsApp.'),
        h(
          'p',
          { class: 'hint' },
          'It opens once. Have the phone at hand, and open it on a screen that the phone can look at.',
        ),
      ],
      confirm: 'Show the code',
      enter: async () => {
        await ask('POST', 'api/links/redeem', { secret } satisfies RedeemRequest)
        entered()
      },
    }),
  )

/** The time of a one-time link is over: who held it knows of no token. `linked`: the account was connected by then. */
export const endedDoor = (linked: boolean): HTMLElement => {
  entitle(`${speak('Link')} · Lifeline`)
  return doorOf(
    h(
      'div',
      { class: 'card', role: 'status' },
      h('h1', {}, 'This link has ended'),
      h(
        'p',
        {},
        linked
          ? 'The account was linked. You can close this page.'
          : 'It works once, and for a short time. Ask whoever sent it for a new one.',
      ),
    ),
  )
}
