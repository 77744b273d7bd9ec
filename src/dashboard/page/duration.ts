import { lasting, span } from '../../languages/span.ts'
import { locale } from './speech.ts'

const minute = 60
const hour = 60 * minute

/** How long something was; what may have taken no time at all reads `0 s`. */
export const lengthOf = (ms: number): string => (ms > 0 ? span(ms) : lasting(0))

/** A short time, with tenths where they tell something: `0.8 s`, `9 s`, `4 min`. */
export const brief = (ms: number): string => (ms < 9_950 ? `${(ms / 1_000).toFixed(1)} s` : lasting(ms))

/** What is left, as a clock shows it: `0:07`, `12:40`, `3:00:00`. A started second counts. */
export function remaining(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const rest = `${two(Math.floor(seconds / minute) % 60)}:${two(seconds % minute)}`
  return seconds >= hour ? `${Math.floor(seconds / hour)}:${rest}` : rest.replace(/^0/, '')
}

const clock = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const clockToMinute = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
const both = new Intl.DateTimeFormat(locale, {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
})

export const timeOfDay = (at: number): string => clock.format(at)

/** The same without its seconds. */
export const minuteOfDay = (at: number): string => clockToMinute.format(at)

/** The whole moment, for a title. */
export const moment = (at: number): string => both.format(at)

const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' })

/** A day by its midnight: `Mon, Nov 30`. */
export const day = (at: number): string => weekday.format(at)

const isSameDay = (at: number, now: number): boolean => new Date(at).toDateString() === new Date(now).toDateString()

/** The time of day, and the day where it is another one. */
export const when = (at: number, now: number): string =>
  isSameDay(at, now) ? timeOfDay(at) : `${date.format(at)}, ${minuteOfDay(at)}`

/** The same, to the minute on any day. */
export const whenToMinute = (at: number, now: number): string => (isSameDay(at, now) ? minuteOfDay(at) : when(at, now))
