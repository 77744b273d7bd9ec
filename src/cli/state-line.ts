import type { StateName } from '../../machines/index.ts'
import { hang } from './columns.ts'
import type { Paint } from './paint.ts'

interface StateLine {
  readonly time: string
  readonly state: StateName
  readonly message: string
  readonly why?: string | undefined
}

const timeWidth = 9
const stateWidth = 17
const because = '←'

/**
 * One change of state: time, state, what is the matter, and why the state was entered, unless that was said already.
 */
export function stateLines({ time, state, message, why }: StateLine, paint: Paint): readonly string[] {
  const indent = timeWidth + stateWidth
  const margin = `${paint.dim(time.padEnd(timeWidth))}${paint.state(state, state.padEnd(stateWidth))}`
  const adds = why !== undefined && !message.toLowerCase().includes(why.toLowerCase().replace(/\.$/, ''))
  const lines = hang('', adds ? `${message} ${because} ${why}` : message, paint.width, indent)
  let reached = false
  return lines.map((line, index) => {
    const text = line.slice(index === 0 ? 0 : indent)
    const from = reached ? 0 : text.indexOf(because)
    const shown = from < 0 ? text : text.slice(0, from) + paint.dim(text.slice(from))
    reached ||= from >= 0
    return (index === 0 ? margin : ' '.repeat(indent)) + shown
  })
}

/** A line of the story beside the states. */
export function noteLines(time: string, text: string, paint: Paint): readonly string[] {
  return hang(paint.dim(time.padEnd(timeWidth)), text, paint.width, timeWidth)
}
