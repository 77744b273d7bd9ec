import type { SessionView } from '../wire.ts'
import { ask } from './api.ts'
import { tokenForm } from './doors.ts'
import { h } from './element.ts'
import { holdTitle } from './page-title.ts'
import { speak } from './speech.ts'

let asking: Promise<void> | undefined

/**
 * Asks the owner to sign in again, over the page, which stays as it is beneath and is not seen. Resolves when that is
 * done, here or in another tab; whoever asks meanwhile waits for the same.
 */
export function signInAgain(): Promise<void> {
  asking ??= asked().finally(() => {
    asking = undefined
  })
  return asking
}

async function asked(): Promise<void> {
  let entered: () => void = () => undefined
  const done = new Promise<void>((resolve) => {
    entered = resolve
  })
  const why = h(
    'p',
    {},
    'The session has ended, or the gateway was started anew. Sign in, and this page goes on where it was.',
  )
  const dialog = h(
    'dialog',
    { class: 'dialog door signed-out', 'aria-labelledby': 'door-title', closedby: 'none' },
    tokenForm('You are signed out', [why], () => entered()),
  )
  // Some browsers close it at the second press of Escape, whatever is said.
  const stay = (): void => dialog.showModal()
  dialog.addEventListener('cancel', (event) => event.preventDefault())
  dialog.addEventListener('close', stay)
  const look = async (): Promise<void> => {
    const session = await ask<SessionView>('GET', 'api/session').catch(() => undefined)
    if (session?.who === 'owner') entered()
  }
  const looked = (): void => void look()
  window.addEventListener('focus', looked)
  document.addEventListener('visibilitychange', looked)
  const release = holdTitle(`${speak('Signed out')} · Lifeline`)
  document.body.append(dialog)
  dialog.showModal()
  await done
  window.removeEventListener('focus', looked)
  document.removeEventListener('visibilitychange', looked)
  dialog.removeEventListener('close', stay)
  // It gives the focus back to what had it.
  dialog.close()
  dialog.remove()
  release()
}
