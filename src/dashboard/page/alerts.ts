import { h } from './element.ts'
import { speak } from './speech.ts'

const words = {
  notify: 'Notify me',
  notifyHint: 'Shows a notification of this browser when somebody is needed',
  sound: 'Sound',
  soundHint: 'Plays a sound, too',
  on: 'From now on this browser tells you when somebody is needed, as long as the page is open.',
  off: 'This browser no longer tells you by itself.',
  refused: 'This browser does not allow it. Its settings for this site say whether notifications may be shown.',
  insecure: 'Browsers show notifications for pages over HTTPS, or of their own machine, alone.',
  soundOn: 'A sound is played when somebody is needed.',
  soundOff: 'No sound is played.',
} as const

/** Somebody is needed for an account. */
export interface Call {
  readonly account: string
  /** The state in words, and what is the matter. */
  readonly word: string
  readonly message: string
}

interface Kept {
  readonly notify: boolean
  readonly sound: boolean
}

const key = 'lifeline.alerts'

function kept(): Kept {
  try {
    const { notify = false, sound = false } = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Kept>
    return { notify: notify && may() === 'granted', sound }
  } catch {
    // A browser that keeps nothing for the page.
    return { notify: false, sound: false }
  }
}

const may = (): NotificationPermission => (typeof Notification === 'undefined' ? 'denied' : Notification.permission)

/** Tells by itself when somebody begins to be needed: by a notification and a sound, each asked for on a press. */
export class Alerts {
  readonly element: HTMLElement
  readonly #tell: (sentence: string) => void
  readonly #notify = h(
    'button',
    { type: 'button', class: 'button quiet', title: words.notifyHint, onclick: () => void this.#pressed() },
    words.notify,
  )
  readonly #sound = h(
    'button',
    { type: 'button', class: 'button quiet', title: words.soundHint, onclick: () => this.#pressedSound() },
    words.sound,
  )
  #kept = kept()
  #called: ReadonlySet<string> | undefined
  #audio: AudioContext | undefined

  constructor(tell: (sentence: string) => void) {
    this.#tell = tell
    this.element = h('div', { class: 'row' }, this.#notify, this.#sound)
    this.#show()
  }

  /** Those who need somebody now. Whoever did at the first sight stands on the page and is not told of. */
  show(calls: readonly Call[]): void {
    const before = this.#called
    this.#called = new Set(calls.map(({ account }) => account))
    if (before === undefined) return
    const newCalls = calls.filter(({ account }) => !before.has(account))
    if (newCalls.length === 0 || !this.#kept.notify) return
    for (const call of newCalls) void notify(call)
    if (this.#kept.sound) this.#play()
  }

  async #pressed(): Promise<void> {
    if (this.#kept.notify) return this.#keep({ ...this.#kept, notify: false }, words.off)
    if (!isSecureContext) return this.#tell(words.insecure)
    const granted = typeof Notification !== 'undefined' && (await Notification.requestPermission()) === 'granted'
    if (!granted) return this.#tell(words.refused)
    await navigator.serviceWorker?.register('worker.js').catch(() => undefined)
    this.#keep({ ...this.#kept, notify: true }, words.on)
  }

  #pressedSound(): void {
    const sound = !this.#kept.sound
    this.#keep({ ...this.#kept, sound }, sound ? words.soundOn : words.soundOff)
    if (sound) this.#play()
  }

  #keep(wanted: Kept, sentence: string): void {
    this.#kept = wanted
    try {
      localStorage.setItem(key, JSON.stringify(wanted))
    } catch {
      // It holds for as long as the page is open.
    }
    this.#show()
    this.#tell(sentence)
  }

  #show(): void {
    this.#notify.setAttribute('aria-pressed', String(this.#kept.notify))
    this.#sound.setAttribute('aria-pressed', String(this.#kept.sound))
    this.#sound.hidden = !this.#kept.notify
  }

  /** Two short tones, upwards. */
  #play(): void {
    this.#audio ??= new AudioContext()
    const { currentTime, destination } = this.#audio
    for (const [at, frequency] of [
      [0, 660],
      [0.18, 880],
    ] as const) {
      const tone = this.#audio.createOscillator()
      const volume = this.#audio.createGain()
      tone.frequency.value = frequency
      volume.gain.setValueAtTime(0.15, currentTime + at)
      volume.gain.exponentialRampToValueAtTime(0.001, currentTime + at + 0.16)
      tone.connect(volume).connect(destination)
      tone.start(currentTime + at)
      tone.stop(currentTime + at + 0.17)
    }
  }
}

async function notify({ account, word, message }: Call): Promise<void> {
  const title = `${account}: ${speak(word)}`
  const url = new URL(`./#/${encodeURIComponent(account)}`, document.baseURI).href
  const shown = { body: speak(message), tag: account, icon: 'assets/icon-192.png', data: { url } }
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined)
  try {
    if (worker?.active) await worker.showNotification(title, shown)
    else new Notification(title, shown)
  } catch {
    // The browser has changed its mind; the title and the icon say it all the same.
  }
}
