import type { AccountView } from '../wire.ts'
import { accountPath, ask } from './api.ts'
import { h, onChange } from './element.ts'
import { problem } from './problem.ts'

let forms = 0

/** For people without a camera: the phone's number in, eight characters out, which they type into WhatsApp. */
export class PairingForm {
  readonly #account: string
  readonly #input: HTMLInputElement
  readonly #button = h('button', { type: 'submit', class: 'button' }, 'Get a code to type')
  /** The number that the code was asked for. */
  #phone = ''
  readonly #answer = h('div', { 'aria-live': 'polite' })
  readonly element: HTMLDetailsElement

  constructor(account: string) {
    this.#account = account
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
      h('summary', {}, 'No camera? Link with the phone number'),
      h(
        'form',
        { onsubmit: (event: SubmitEvent) => void this.#submit(event) },
        h('label', { for: id }, 'Number of the phone that has WhatsApp'),
        h('div', { class: 'field' }, this.#input, this.#button),
        h(
          'p',
          { id: `${id}-hint`, class: 'hint' },
          'With the country code. WhatsApp then asks on the phone for the code.',
        ),
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
    this.#code(code ?? '')
  }

  readonly #code = onChange((code: string) => {
    if (code === '') return this.#answer.replaceChildren()
    const parted = `${code.slice(0, 4)}-${code.slice(4)}`
    this.element.open = true
    this.#answer.replaceChildren(
      h(
        'p',
        { class: 'hint' },
        `On the phone${this.#phone === '' ? '' : ` with the number +${this.#phone}`}: WhatsApp, Linked devices, Link a device, “Link with phone number instead”. Type:`,
      ),
      h('p', { class: 'pairing-code', 'aria-label': [...code].join(' ') }, parted),
    )
  })

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    // 00 is how many phones write the plus.
    const phone = this.#input.value.replace(/\D/g, '').replace(/^00/, '')
    this.#phone = phone
    this.#button.disabled = true
    try {
      await ask('POST', accountPath(this.#account, 'actions/pairing-code'), { phone })
    } catch (refusal) {
      this.#answer.replaceChildren(problem(refusal))
    } finally {
      this.#button.disabled = false
    }
  }
}
