import type { AccountView, QrView } from '../wire.ts'
import { remaining } from './duration.ts'
import { h, onChange, s, say } from './element.ts'
import { PairingForm } from './pairing-form.ts'
import { qrPicture } from './qr-picture.ts'
import { serverNow } from './server-clock.ts'

const steps = [
  'Open WhatsApp on the phone.',
  'Android: tap ⋮, then Linked devices. iPhone: Settings, then Linked devices.',
  'Tap “Link a device” and point the camera at this code.',
] as const

/**
 * The code to scan, large, with a ring that runs out, and the way without a camera beside it. Never shown past its
 * time.
 */
export class CodePanel {
  readonly element: HTMLElement
  readonly #frame = h('div', { class: 'code-frame' })
  readonly #ring = s('rect', { class: 'ring', x: 2, y: 2, width: 96, height: 96, rx: 7, pathLength: 100 })
  readonly #caption = h('p', { class: 'code-caption' })
  readonly #left = h('span', { class: 'figure' })
  readonly #pairing: PairingForm
  #code: QrView | undefined
  #drawn = ''

  constructor(account: string, headingId: string) {
    this.#pairing = new PairingForm(account)
    this.element = h(
      'section',
      { class: 'card code-panel', 'aria-labelledby': headingId, hidden: true },
      h(
        'div',
        { class: 'code-side' },
        h(
          'div',
          { class: 'code-square' },
          s(
            'svg',
            { class: 'ring-picture', viewBox: '0 0 100 100', 'aria-hidden': 'true' },
            s('rect', { class: 'ring-track', x: 2, y: 2, width: 96, height: 96, rx: 7 }),
            this.#ring,
          ),
          this.#frame,
        ),
        this.#caption,
      ),
      h(
        'div',
        { class: 'code-words' },
        h('h2', { id: headingId }, 'Link this account'),
        h('ol', { class: 'steps' }, ...steps.map((step) => h('li', {}, step))),
        this.#pairing.element,
      ),
    )
  }

  show(view: AccountView): void {
    this.#code = view.qr
    this.element.hidden = view.status.state !== 'awaitingQr'
    this.#pairing.show(view)
    this.tick(serverNow())
  }

  tick(now: number): void {
    const code = !this.element.hidden && this.#code && this.#code.expiresAt > now ? this.#code : undefined
    this.#draw(code)
    this.#pairing.tick(code?.pairingCode)
    this.#number(code?.number ?? 0)
    if (!code) return
    const left = code.expiresAt - now
    const whole = Math.max(1_000, code.expiresAt - code.shownAt)
    this.#ring.style.strokeDashoffset = String(100 * (1 - Math.min(1, left / whole)))
    this.#ring.classList.toggle('ends', left < 5_000)
    say(this.#left, remaining(left))
  }

  readonly #number = onChange((number: number) =>
    number === 0
      ? this.#caption.replaceChildren('The next code appears here by itself.')
      : this.#caption.replaceChildren(h('strong', {}, `Code ${number}`), ' · new one in ', this.#left),
  )

  #draw(code: QrView | undefined): void {
    if ((code?.code ?? '') === this.#drawn) return
    this.#drawn = code?.code ?? ''
    if (!code) {
      this.#ring.style.strokeDashoffset = '100'
      this.#frame.replaceChildren(h('p', { class: 'code-none' }, 'No code at the moment'))
      return
    }
    const picture = qrPicture(code.code)
    picture.setAttribute('aria-label', `QR code number ${code.number}, to be scanned with WhatsApp`)
    this.#frame.replaceChildren(picture)
  }
}
