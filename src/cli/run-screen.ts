import { byMethod, type RemedyWords, remedies, type Status, saidBy } from '../../machines/index.ts'
import type { Notice } from '../notices/notice.ts'
import { qrLines } from '../terminal/qr-code.ts'
import type { QrStyle } from '../terminal/qr-glyphs.ts'
import type { OpenDashboard } from './dashboard.ts'
import { LiveCode } from './live-code.ts'
import { complain, print } from './output.ts'
import type { Paint } from './paint.ts'
import { noteLines, stateLines } from './state-line.ts'

/** What `lifeline run` shows. */
export interface RunScreen {
  state(status: Status, why: string | undefined): void
  status(status: Status): void
  code(qr: NonNullable<Status['qr']>): void
  notice(notice: Notice): void
  dashboard(opened: Pick<OpenDashboard, 'url' | 'link' | 'words'>): void
}

const clock = (at: number): string => new Date(at).toTimeString().slice(0, 8)

interface ScreenOptions {
  readonly paint: Paint
  /** Whether the code may be drawn: on a terminal, or because it was asked for. */
  readonly drawsCodes: boolean
  /** Whether somebody reads it as it comes. */
  readonly onTerminal?: boolean
  /** Whether the device is linked with characters, so that no picture is needed. */
  readonly byPhone: boolean
  readonly qr?: QrStyle | undefined
  /** Where else the code can be had. */
  readonly elsewhere?: string
  /** Puts a text into the language of whoever reads it; English if it is not given. */
  readonly speak?: (text: string) => string
}

/** What a person at a terminal does for each remedy. */
const byCommand: RemedyWords = {
  start: 'Start lifeline run',
  reconnect: 'start lifeline run again',
  'show-code': '“Show a code” of lifeline run --dashboard',
  'pairing-code': 'lifeline run --phone <number>',
  heal: 'Leave --observe out',
}

const otherWays = 'By number: add --phone.'
const onTerminalsOnly = 'It is drawn on terminals only: run this in one, or add --phone or --show-code.'

/** For people: one line for each change of state, wrapped only on a terminal. */
export function textScreen(options: ScreenOptions): RunScreen {
  const { paint, drawsCodes, onTerminal = false, byPhone, qr, elsewhere = otherWays } = options
  const speak = options.speak ?? ((text: string) => text)
  const spoken = (words: RemedyWords): RemedyWords =>
    Object.fromEntries(remedies.map((remedy) => [remedy, speak(words[remedy])])) as unknown as RemedyWords
  const live = new LiveCode(onTerminal ? paint : undefined)
  let shown = ''
  /** The line before, without its time. */
  let before = ''
  const say = (text: string) => {
    before = ''
    live.print(noteLines(clock(Date.now()), text, paint))
  }
  const tell = (status: Status, why?: string) => {
    const { state, message, remediation, nextAttemptAt, userAction } = status
    const next = nextAttemptAt === undefined ? '' : ` ${speak(`Next try at ${clock(nextAttemptAt)}.`)}`
    const cure = userAction === 'none' || remediation === undefined ? '' : ` ${speak(saidBy(remediation, byCommand))}`
    shown = message
    const line = [state, message, cure, next, why].join(' ')
    if (line === before) return
    before = line
    const said = `${speak(message)}${cure}${next}`
    const reason = why === undefined ? undefined : speak(why)
    live.print(stateLines({ time: clock(Date.now()), state, message: said, why: reason }, paint))
  }
  return {
    state: tell,
    // While a code is needed and none comes, a person is waiting: what hinders it is told as it changes.
    status: (status) => {
      // Nobody should point a camera at a code that links no more.
      if (!status.qr) live.clear()
      if (status.state === 'awaitingQr' && !status.qr && status.message !== shown) tell(status)
    },
    code: ({ code, number, expiresAt, pairingCode }) => {
      if (byPhone) {
        if (pairingCode !== undefined) say(speak(`Type this on the phone: ${pairingCode}`))
        return
      }
      const until = speak(`Code ${number}, good until ${clock(expiresAt)}.`)
      if (!drawsCodes) return say(`${until} ${speak(onTerminalsOnly)}`)
      const beneath = noteLines(clock(Date.now()), `${until} ${speak(elsewhere)}`, paint)
      live.draw(qrLines(code, paint, { style: qr, beneath }))
    },
    // The line has put its notices into the language already.
    notice: ({ kind, message, remediation }) => {
      const cure = remediation ? ` ${saidBy(remediation, spoken(byCommand), spoken(byMethod))}` : ''
      say(speak(`notice ${kind}: ${message}`) + cure)
    },
    // A log is read by others too, so a link that signs in is for a terminal alone.
    dashboard: ({ link, words }) =>
      onTerminal ? live.print([`${clock(Date.now())} ${speak(link)}`]) : say(speak(words)),
  }
}

/** For programs: JSON lines on stdout. A code is a secret, so it is drawn on stderr, and only there. */
export function jsonScreen({ paint, drawsCodes, byPhone, qr }: ScreenOptions): RunScreen {
  const line = (value: object) => print(JSON.stringify(value))
  return {
    state: () => undefined,
    status({ qr, ...status }) {
      const shown = qr && { number: qr.number, expiresAt: qr.expiresAt }
      line({ type: 'status', ...status, ...(shown === undefined ? {} : { qr: shown }) })
    },
    code({ code, pairingCode }) {
      if (byPhone) {
        if (pairingCode !== undefined) complain(`Type this on the phone: ${pairingCode}`)
      } else if (drawsCodes) for (const drawn of qrLines(code, paint, { style: qr })) complain(drawn)
    },
    notice: (notice) => line({ type: 'notice', ...notice }),
    dashboard: ({ url }) => line({ type: 'dashboard', url }),
  }
}
