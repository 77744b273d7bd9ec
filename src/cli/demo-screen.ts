import type { DemoEvent, Tell } from '../rehearsal/demo/events.ts'
import { qrLines } from '../terminal/qr-code.ts'
import { wrap } from '../terminal/wrap.ts'
import { duration, hang, size } from './columns.ts'
import { summaryLines } from './demo-summary.ts'
import type { Paint } from './paint.ts'
import { noteLines, stateLines } from './state-line.ts'

const noticeIndent = 26
const elsewhere = 'lifeline run shows such a code; with --phone it shows characters to type instead.'

/** Tells the demo to people. */
export function demoScreen(write: (line: string) => void, paint: Paint): Tell {
  const startedAt = performance.now()
  const time = () => duration(performance.now() - startedAt).padStart(6)
  const show = (lines: readonly string[]) => lines.forEach(write)
  return (event) => {
    switch (event.type) {
      case 'opening':
        return show(opening(event, paint))
      case 'dashboard':
        // An address that is broken over two lines is none.
        return show([
          ...wrap(
            `Watch it in a browser, with this link, which works once (${event.stays ? 'the page is there until Ctrl-C' : '--stay keeps the page at the end'}):`,
            paint.width,
          ),
          event.url,
        ])
      case 'act':
        return show(['', heading(event.title, paint), ...wrap(event.text, paint.width).map(paint.dim), ''])
      case 'step':
        return show(noteLines(time(), paint.bold(event.text), paint))
      case 'code':
        return show(['', ...qrLines(event.code, paint, { beneath: wrap(elsewhere, paint.width).map(paint.dim) })])
      case 'state':
        return show(stateLines({ time: time(), ...event }, paint))
      case 'notice':
        return show(
          hang(`${' '.repeat(9)}${paint.warn('notice'.padEnd(17))}`, event.message, paint.width, noticeIndent),
        )
      case 'harm':
        return show(harmLines(event, paint))
      case 'summary':
        return show(['', heading('What was seen, and what was done', paint), '', ...summaryLines(event, paint)])
    }
  }
}

export const heading = (title: string, paint: Paint): string =>
  paint.bold(`── ${title} ${'─'.repeat(Math.max(0, paint.width - title.length - 4))}`)

function opening({ pace }: Extract<DemoEvent, { type: 'opening' }>, paint: Paint): readonly string[] {
  const text = `Real Baileys, a fake WhatsApp server on this machine; nothing leaves it. The supervisor waits a ${pace}th of what it waits by default, so that nobody has to; what it counts is unchanged.`
  return ['', paint.bold('baileys-lifeline'), ...wrap(text, paint.width).map(paint.dim)]
}

function harmLines({ files }: Extract<DemoEvent, { type: 'harm' }>, paint: Paint): readonly string[] {
  const rows = files.map(({ contact, harm, bytesBefore, bytes, resends }) => {
    const sizes = `${size(bytesBefore)} → ${size(bytes)}`
    return `${' '.repeat(9)}${contact.padEnd(7)}${paint.warn(harm.padEnd(13))}${sizes.padEnd(18)}${paint.dim(resends ? 'resends when asked' : 'never resends')}`
  })
  const text = 'Its folder is left as a power cut leaves one; creds.json is not touched:'
  return [...noteLines('', text, paint), ...rows]
}
