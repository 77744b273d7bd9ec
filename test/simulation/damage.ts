import { sessionFile } from './account.ts'

/** What power cuts, backups and other programs make of files. */
export const damages = ['foreign', 'rolled back', 'torn', 'empty', 'zeroed', 'poison', 'gone'] as const

/** The content after the damage; undefined if the file is gone. `id` is that of a session nobody has. */
export const damaged = (how: (typeof damages)[number], content: Buffer, id: number): Uint8Array | undefined => {
  switch (how) {
    case 'foreign':
      return Buffer.from(JSON.stringify(sessionFile([{ id: id, turn: 3 }])))
    case 'rolled back':
      return Buffer.from(content.toString('utf8').replace(/"previousCounter":-?\d+/g, '"previousCounter":-99'))
    case 'torn':
      return content.subarray(0, content.length / 2)
    case 'empty':
      return Buffer.alloc(0)
    case 'zeroed':
      return Buffer.alloc(content.length)
    case 'poison':
      return Buffer.from('{"_sessions":{"x":{"registrationId":"?"}},"version":"v1"}')
    case 'gone':
      return undefined
  }
}
