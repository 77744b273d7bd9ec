import type { SessionView } from '../wire.ts'
import { ask } from './api.ts'
import { endedDoor, linkDoor, signIn, tokenDoor } from './doors.ts'
import { h } from './element.ts'
import { GuestPage } from './guest-page.ts'
import { OwnerPage } from './owner-page.ts'
import { problem } from './problem.ts'

const put = (element: HTMLElement): void => {
  document.body.replaceChildren(element)
}

async function show({ ready, element }: OwnerPage | GuestPage): Promise<void> {
  await ready
  put(element)
}

/** The page that this is: the dashboard, a link to a code, or a link that signs its owner in. */
const [, door = ''] = /\/(link|sign-in)$/.exec(location.pathname) ?? []

/** The secret of a one-time link, taken out of the address so that neither the history nor a screenshot keeps it. */
function takeSecret(): string {
  const secret = door === '' ? '' : location.hash.slice(1)
  // A sign-in leads to the dashboard itself, so that its address can be kept.
  if (door === 'sign-in') history.replaceState(null, '', './')
  else if (secret !== '') history.replaceState(null, '', location.pathname)
  return secret
}

/** `refused`: why a link did not sign in. */
async function enter(refused?: unknown): Promise<void> {
  try {
    const session = await ask<SessionView>('GET', 'api/session')
    const again = (): void => void enter()
    if (session.who === 'owner') await show(new OwnerPage(session, again))
    else if (session.who === 'guest') await show(new GuestPage(session, (linked) => put(endedDoor(linked))))
    else if (door === 'link') put(endedDoor(false))
    else put(tokenDoor(again, refused))
  } catch (thrown) {
    const retry = h('button', { type: 'button', class: 'button primary', onclick: () => void enter() }, 'Try again')
    put(h('main', { class: 'page door' }, h('div', { class: 'card' }, h('h1', {}, 'Lifeline'), problem(thrown), retry)))
  }
}

const secret = takeSecret()
if (secret === '') await enter()
else if (door === 'sign-in') await signIn(secret).then(() => enter(), enter)
else put(linkDoor(secret, () => void enter()))
