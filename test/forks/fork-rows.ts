import type { Baileys } from '../line/world.ts'

/** A Baileys under another name, or a release beside the two lines, as npm has it. */
export interface ForkRow {
  readonly name: string
  readonly version: string
  /** What it imports and does not name among its dependencies. */
  readonly with?: Readonly<Record<string, string>>
  /** Among this project's own development dependencies, so that `npm test` plays it; the others are for the soak. */
  readonly here: boolean
  /** What the log says that it lacks. */
  readonly lacks: readonly string[]
}

export const forks: readonly ForkRow[] = [
  {
    name: 'whaileys',
    version: '6.4.9',
    here: true,
    lacks: ['Signal repository of a known kind'],
  },
  { name: '@neoxr/baileys', version: '8.2.18', here: true, lacks: [] },
  { name: '@fizzxydev/baileys-pro', version: '8.7.2', here: false, lacks: [] },
  { name: 'baileys-mod', version: '6.8.5', with: { cheerio: '1.0.0', jimp: '0.22.12' }, here: false, lacks: [] },
  { name: 'baileys', version: '6.17.16', here: false, lacks: [] },
]

/** A namespace with `makeWASocket` at its top; a CommonJS module that is imported may have all of it one deeper. */
export function asBaileys(namespace: object): Baileys {
  const exported: unknown = Reflect.get(namespace, 'default')
  const all = typeof exported === 'object' && exported !== null ? { ...exported, ...namespace } : { ...namespace }
  const make: unknown = Reflect.get(all, 'makeWASocket') ?? Reflect.get(Object(exported), 'default') ?? exported
  return { ...all, makeWASocket: make } as Baileys
}
