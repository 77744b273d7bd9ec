import { hash } from 'node:crypto'
import { join } from 'node:path'
import { mapBounded } from '../bounded.ts'
import { isTemporary } from '../disk/atomic-write.ts'
import { exists, type FileSystem, namesIn } from '../disk/file-system.ts'
import { classify } from '../file-class.ts'
import { KeyTypes, keyTypesFile } from '../key-types.ts'
import type { Layout } from '../layout.ts'
import type { Rows, Table } from './rows.ts'

const width = 16

/** One file of an account on its way from one kind of store to another, byte for byte. */
export interface Piece {
  readonly table: Table
  readonly name: string
  readonly content: Uint8Array
}

/** What moves besides creds and keys: budgets and cool-downs, and the key types that were learned. */
const ownPieces = ['facts', 'key-types'] as const

/** Where a piece lies in a folder. */
export const pathOf = (layout: Layout, { table, name }: Pick<Piece, 'table' | 'name'>): string => {
  if (table === 'own') return name === 'facts' ? layout.facts : layout.keyTypes
  return join(table === 'generation' ? layout.generations : layout.folder, name)
}

/** Creds, keys, good generations and the library's facts of a folder; foreign files stay out. */
export const piecesOfFolder = async (fs: FileSystem, layout: Layout): Promise<readonly Piece[]> => {
  const learned = await new KeyTypes(keyTypesFile(fs, layout)).learned()
  const account = (await namesIn(fs, layout.folder)).filter((name) => classify(name, learned) !== undefined)
  const generations = (await namesIn(fs, layout.generations)).filter((name) => !isTemporary(name))
  const places: Pick<Piece, 'table' | 'name'>[] = [
    ...account.map((name) => ({ table: 'account', name }) as const),
    ...generations.map((name) => ({ table: 'generation', name }) as const),
  ]
  for (const name of ownPieces)
    if (await exists(fs, pathOf(layout, { table: 'own', name }))) places.push({ table: 'own', name })
  return mapBounded(places, width, async (place) => ({ ...place, content: await fs.readFile(pathOf(layout, place)) }))
}

/** The same of rows. Asked for together: a database across a network answers them together. */
export const piecesOfRows = async (rows: Rows): Promise<readonly Piece[]> => {
  const [account, generations] = await Promise.all([rows.names('account'), rows.names('generation')])
  const places: readonly Pick<Piece, 'table' | 'name'>[] = [
    ...account.map((name) => ({ table: 'account', name }) as const),
    ...generations.map((name) => ({ table: 'generation', name }) as const),
    ...ownPieces.map((name) => ({ table: 'own', name }) as const),
  ]
  const contents = await Promise.all(places.map(({ table, name }) => rows.read(table, name)))
  return places.flatMap((place, at) => {
    const content = contents[at] ?? null
    return content === null ? [] : [{ ...place, content }]
  })
}

/** The pieces of `sent` that did not arrive as they were. */
export const differing = (sent: readonly Piece[], arrived: readonly Piece[]): readonly string[] => {
  const keyOf = ({ table, name }: Piece) => `${table}/${name}`
  const hashes = new Map(arrived.map((piece) => [keyOf(piece), hash('sha256', piece.content)]))
  return sent.filter((piece) => hashes.get(keyOf(piece)) !== hash('sha256', piece.content)).map(keyOf)
}
