import type { SessionView } from '../wire.ts'
import { ask } from './api.ts'
import { linkDoor, tokenDoor } from './doors.ts'
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

/** The secret of a one-time link, taken out of the address so that neither the history nor a screenshot keeps it. */
function takeSecret(): string {
  const secret = /\/link$/.test(location.pathname) ? location.hash.slice(1) : ''
  if (secret !== '') history.replaceState(null, '', location.pathname)
  return secret
}

async function enter(): Promise<void> {
  try {
    const session = await ask<SessionView>('GET', 'api/session')
    const again = (): void => void enter()
    if (session.who === 'owner') await show(new OwnerPage(session, again))
    else if (session.who === 'guest') await show(new GuestPage(session, again))
    else put(tokenDoor(again))
  } catch (thrown) {
    const retry = h('button', { type: 'button', class: 'button primary', onclick: () => void enter() }, 'Try again')
    put(h('main', { class: 'page door' }, h('div', { class: 'card' }, h('h1', {}, 'Lifeline'), problem(thrown), retry)))
  }
}

const secret = takeSecret()
if (secret === '') await enter()
else put(linkDoor(secret, () => void enter()))
