import type { DirectionReport } from '../src/rehearsal/conversation/report.ts'
import type { Span } from '../src/rehearsal/conversation/script.ts'
import { newFolder } from './account.ts'
import { Child } from './processes/child.ts'
import type { Round, RoundTime } from './two-way/contacts-process.ts'

/** Both lines of Baileys. */
export const lines = ['7', '6'] as const
export type Line = (typeof lines)[number]

export const people = 50
/** How many messages each writes in a round. */
export const perRound = 4
/** Paces at which a client rests between messages: one contact that writes fast, and fifty that write now and then. */
export const paces: readonly { readonly contacts: number; readonly messages: number; readonly gapMs: Span }[] = [
  { contacts: 1, messages: 60, gapMs: [100, 300] },
  { contacts: people, messages: 2, gapMs: [3_000, 9_000] },
]

export type Figures = Pick<DirectionReport, 'sent' | 'read' | 'askedAgain'>
export interface Judgement {
  readonly toAccount: Figures
  readonly toContacts: Figures
}

/** One account in one arm: its process, and what was measured of it. */
export class Runner {
  readonly number: string
  readonly child: Child
  /** Messages in and out a second, of each round. */
  readonly rates: number[] = []
  /** Microseconds of processor time a message, in and out together, of each round. */
  readonly cpu: number[] = []
  /** Milliseconds from a message's arrival to its event, by pace. */
  readonly latencies: number[][] = paces.map(() => [])
  stalled = 0
  readonly #contacts: Child

  constructor(contacts: Child, number: string, child: Child) {
    this.#contacts = contacts
    this.number = number
    this.child = child
  }

  async fast(round: number): Promise<void> {
    await this.#contacts.ask('rest')
    const before = await this.child.ask<number>('cpu')
    const { tookMs, answered, stalled } = await this.#play({ round, contacts: people, messages: perRound })
    const messages = 2 * answered
    if (round < 0) return
    this.rates.push((messages / tookMs) * 1_000)
    this.cpu.push(((await this.child.ask<number>('cpu')) - before) / messages)
    this.stalled += stalled
  }

  async paced(at: number, round: number): Promise<void> {
    const pace = paces[at]
    if (!pace) return
    await this.child.ask('latencies')
    await this.#play({ round, ...pace })
    this.latencies[at]?.push(...(await this.child.ask<readonly number[]>('latencies')))
  }

  async judge(): Promise<Judgement> {
    const seen = await this.child.ask<object>('seen')
    return this.#contacts.ask<Judgement>('judge', { number: this.number, ...seen })
  }

  #play(round: Omit<Round, 'number'>): Promise<RoundTime> {
    return this.#contacts.ask<RoundTime>('play', { number: this.number, ...round })
  }
}

/** Starts the process of an account, has it linked, and gives it its contacts. */
export async function runner(contacts: Child, line: Line, arm: string, at: number): Promise<Runner> {
  const number = `49170000${line}00${at}`
  const { url, rootKey } = await contacts.ask<{ readonly url: string; readonly rootKey: string }>('address')
  const child = new Child('../two-way/client-process.js', [line, arm, await newFolder(), url, rootKey], (told) => {
    // A code that has expired by then is followed by another.
    contacts.ask('scan', { number, ...Object(told) }).catch(() => undefined)
  })
  await child.ask('start')
  await contacts.ask('people', { number, count: people })
  return new Runner(contacts, number, child)
}
