import { phoneDigits } from '../../line/phone-digits.ts'
import type { AccountView, ActionView } from '../wire.ts'
import { h, onChange } from './element.ts'
import { problem } from './problem.ts'

const words = {
  summary: 'No camera? Link with the phone number',
  here: 'Is WhatsApp on this phone? Link with its number',
  label: 'Number of the phone that has WhatsApp',
  hint: 'With the country code. WhatsApp then asks on the phone for the code.',
  submit: 'Get a code to type',
  where: (phone: string) =>
    `On the phone${phone === '' ? '' : ` with the number +${phone}`}: WhatsApp, Linked devices, Link a device, “Link with phone number instead”. Type:`,
} as const

/** The page stands on a phone, which cannot scan its own screen. */
export const onAPhone = matchMedia('(pointer: coarse) and (max-width: 40rem)').matches

let forms = 0

/** Asks for the characters for the phone with this number. */
export type ByNumber = (phone: string) => Promise<ActionView>

/** For people without a camera: the phone's number in, eight characters out, which they type into WhatsApp. */
export class PairingForm {
  readonly #request: ByNumber
  readonly #input: HTMLInputElement
  readonly #button = h('button', { type: 'submit', class: 'button' }, words.submit)
  /** The number for which a code was asked for here, and that code once it is known: another page may ask as well. */
  #asked: { readonly phone: string; readonly code?: string } | undefined
  readonly #answer = h('div', { 'aria-live': 'polite' })
  readonly element: HTMLDetailsElement

  constructor(request: ByNumber) {
    this.#request = request
    forms += 1
    const id = `phone-${forms}`
    this.#input = h('input', {
      id,
      type: 'tel',
      inputmode: 'tel',
      autocomplete: 'tel',
      required: true,
      placeholder: '+49 170 0000001',
      'aria-describedby': `${id}-hint`,
    })
    this.element = h(
      'details',
      { class: 'pairing', hidden: true },
      h('summary', {}, onAPhone ? words.here : words.summary),
      h(
        'form',
        { onsubmit: (event: SubmitEvent) => void this.#submit(event) },
        h('label', { for: id }, words.label),
        h('div', { class: 'field' }, this.#input, this.#button),
        h('p', { id: `${id}-hint`, class: 'hint' }, words.hint),
      ),
      this.#answer,
    )
  }

  show({ can }: AccountView): void {
    this.element.hidden = !can.pairingCode
  }

  open(): void {
    this.element.open = true
    this.element.scrollIntoView({ block: 'nearest' })
    this.#input.focus()
  }

  /** The code that is valid now, if any: it comes over the stream, like the one to scan, and goes with it. */
  tick(code: string | undefined): void {
    const { phone, code: answered = code } = this.#asked ?? { phone: '' }
    this.#show(code === undefined ? '' : `${code} ${answered === code ? phone : ''}`)
  }

  readonly #show = onChange((shown: string) => {
    const [code = '', phone = ''] = shown.split(' ')
    if (code === '') return this.#answer.replaceChildren()
    const parted = `${code.slice(0, 4)}-${code.slice(4)}`
    this.element.open = true
    this.#answer.replaceChildren(
      h('p', { class: 'hint' }, words.where(phone)),
      h('p', { class: 'pairing-code', 'aria-label': [...code].join(' ') }, h('bdi', {}, parted)),
    )
  })

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const typed = this.#input.value
    const phone = phoneDigits(typed) ?? ''
    const before = this.#asked
    this.#asked = { phone }
    this.#button.disabled = true
    try {
      const { pairingCode } = await this.#request(phone || typed)
      if (pairingCode !== undefined) this.#asked = { phone, code: pairingCode }
    } catch (refusal) {
      this.#asked = before
      this.#answer.replaceChildren(problem(refusal))
    } finally {
      this.#button.disabled = false
    }
  }
}
