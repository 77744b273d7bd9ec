import type { AccountView, QrView } from '../wire.ts'
import { remaining } from './duration.ts'
import { h, onChange, s, say } from './element.ts'
import { type ByNumber, onAPhone, PairingForm } from './pairing-form.ts'
import { problem } from './problem.ts'
import { qrPicture } from './qr-picture.ts'
import { serverNow } from './server-clock.ts'
import { speak } from './speech.ts'

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
  readonly #renew: () => Promise<unknown>
  #code: QrView | undefined
  /** What stands in the square: a code, or why there is none. */
  #drawn: string | undefined
  #none: 'coming' | 'over' | 'linking' = 'coming'

  /** `renew` asks for a new series of codes, `byNumber` for characters to type on the phone with this number. */
  constructor(headingId: string, renew: () => Promise<unknown>, byNumber: ByNumber) {
    this.#renew = renew
    this.#pairing = new PairingForm(byNumber)
    this.element = h(
      'section',
      { class: onAPhone ? 'card code-panel here' : 'card code-panel', 'aria-labelledby': headingId, hidden: true },
      onAPhone && this.#pairing.element,
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
        !onAPhone && this.#pairing.element,
      ),
    )
  }

  show(view: AccountView): void {
    this.#code = view.qr
    const { userAction, remedies = [] } = view.status
    this.#none = userAction === 'none' ? 'linking' : remedies.includes('show-code') ? 'over' : 'coming'
    this.element.hidden = view.status.state !== 'awaitingQr'
    this.#pairing.show(view)
    this.tick(serverNow())
  }

  /** As a press on the button in the square does. */
  askForCodes(): void {
    this.#frame.querySelector<HTMLButtonElement>('.reload')?.click()
  }

  /** The way without a camera, opened, with the cursor where the number goes. */
  askForCharacters(): void {
    this.#pairing.open()
  }

  /** The same, and the cursor stays where it is. */
  openForm(): void {
    this.#pairing.element.open = true
  }

  tick(now: number): void {
    const code = !this.element.hidden && this.#code && this.#code.expiresAt > now ? this.#code : undefined
    this.#draw(code)
    this.#pairing.tick(code?.pairingCode)
    // Who types needs no square.
    this.element.classList.toggle('typed', code?.pairingCode !== undefined)
    this.#number(code?.number ?? this.#none)
    if (!code) return
    const left = code.expiresAt - now
    const whole = Math.max(1_000, code.expiresAt - code.shownAt)
    this.#ring.style.strokeDashoffset = String(100 * (1 - Math.min(1, left / whole)))
    this.#ring.classList.toggle('ends', left < 5_000)
    say(this.#left, remaining(left))
  }

  readonly #number = onChange((number: number | 'coming' | 'over' | 'linking') =>
    typeof number === 'string'
      ? say(this.#caption, captions[number])
      : this.#caption.replaceChildren(h('strong', {}, `Code ${number}`), speak(' · new one in '), this.#left),
  )

  #draw(code: QrView | undefined): void {
    const drawn = code?.code ?? this.#none
    if (drawn === this.#drawn) return
    this.#drawn = drawn
    if (!code) {
      this.#ring.style.strokeDashoffset = '100'
      this.#frame.replaceChildren(
        this.#none === 'over' ? this.#reload() : h('p', { class: 'code-none' }, 'No code at the moment'),
      )
      return
    }
    const picture = qrPicture(code.code)
    picture.setAttribute('aria-label', speak(`QR code number ${code.number}, to be scanned with WhatsApp`))
    this.#frame.replaceChildren(picture)
  }

  /** As on WhatsApp's own page: codes that were not scanned in time are asked for with a press. */
  #reload(): HTMLElement {
    const trouble = h('div', {})
    const press = async (): Promise<void> => {
      button.disabled = true
      try {
        await this.#renew()
        trouble.replaceChildren()
      } catch (thrown) {
        trouble.replaceChildren(problem(thrown))
        button.disabled = false
      }
    }
    const button = h(
      'button',
      { type: 'button', class: 'button primary reload', onclick: () => void press() },
      h('span', { 'aria-hidden': 'true' }, '↻ '),
      'Show new codes',
    )
    return h('div', { class: 'code-none' }, button, trouble)
  }
}

/** Beneath the square, while no code stands in it. */
const captions = {
  coming: 'The next code appears here by itself.',
  over: 'The codes were used up. No further one comes by itself.',
  linking: 'The code was scanned. The account is being linked.',
} as const
