import { type RemedyWords, saidBy } from '../../machines/index.ts'
import type { Notice, Status } from '../index.ts'
import { qrLines } from '../terminal/qr-code.ts'
import type { QrStyle } from '../terminal/qr-glyphs.ts'
import type { OpenDashboard } from './dashboard.ts'
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

/** For people: one line for each change of state, wrapped only on a terminal. */
export function textScreen(options: ScreenOptions): RunScreen {
  const { paint, drawsCodes, onTerminal = false, byPhone, qr, elsewhere = otherWays } = options
  let shown = ''
  /** The line before, without its time. */
  let before = ''
  const say = (text: string) => {
    before = ''
    for (const line of noteLines(clock(Date.now()), text, paint)) print(line)
  }
  const tell = (status: Status, why?: string) => {
    const { state, message, remediation, nextAttemptAt, userAction } = status
    const next = nextAttemptAt === undefined ? '' : ` Next try at ${clock(nextAttemptAt)}.`
    const cure = userAction === 'none' || remediation === undefined ? '' : ` ${saidBy(remediation, byCommand)}`
    shown = message
    const line = [state, message, cure, next, why].join(' ')
    if (line === before) return
    before = line
    for (const line of stateLines({ time: clock(Date.now()), state, message: `${message}${cure}${next}`, why }, paint))
      print(line)
  }
  return {
    state: tell,
    // While a code is needed and none comes, a person is waiting: what hinders it is told as it changes.
    status: (status) => {
      if (status.state === 'awaitingQr' && !status.qr && status.message !== shown) tell(status)
    },
    code: ({ code, number, expiresAt, pairingCode }) => {
      if (byPhone) {
        if (pairingCode !== undefined) say(`Type this on the phone: ${pairingCode}`)
        return
      }
      const until = `Code ${number}, good until ${clock(expiresAt)}.`
      if (!drawsCodes)
        return say(`${until} It is drawn on terminals only: run this in one, or add --phone or --show-code.`)
      const beneath = noteLines(clock(Date.now()), `${until} ${elsewhere}`, paint)
      for (const line of qrLines(code, paint, { style: qr, beneath })) print(line)
    },
    notice: ({ kind, message, remediation }) =>
      say(`notice ${kind}: ${message}${remediation ? ` ${saidBy(remediation, byCommand)}` : ''}`),
    // A log is read by others too, so a link that signs in is for a terminal alone.
    dashboard: ({ link, words }) => (onTerminal ? print(`${clock(Date.now())} ${link}`) : say(words)),
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
