import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { wordsOf } from '../errors/thrown.ts'
import type { BaileysParts } from '../stores/codec.ts'
import type { RowAuthStoreOptions } from '../stores/rows/index.ts'
import type { Transferred } from '../stores/rows/transfer.ts'
import { size } from './columns.ts'
import { type DatabaseOptions, databaseOf, withDatabase } from './database-options.ts'
import { UsageError } from './failure.ts'
import { print } from './output.ts'
import { projectBaileys } from './project-baileys.ts'

interface TransferOptions extends DatabaseOptions {
  readonly from?: string
  readonly session?: string
  readonly lmdb?: string
  readonly account?: string
  readonly config?: string
  readonly json?: boolean
}

/** One side of a transfer that is no folder. */
interface Place {
  readonly location: string
  readonly take: (folder: string) => Promise<Transferred>
  readonly give: (folder: string) => Promise<Transferred>
}

/**
 * `lifeline import` and `lifeline export`: an account between a folder of Baileys' layout and an LMDB store or a
 * database.
 */
export function addTransfer(program: Command): void {
  withPlace(program.command('import'))
    .description('copy an account from a folder into a database, and compare the hashes; the gateway must be stopped')
    .argument('<folder>', "a folder in the layout of Baileys' multi-file store; it stays as it is")
    .option(
      '--from <module>',
      'the other way: into the folder, from rows of mysql-baileys or baileys-store: a module that exports them as rows, or a JSON file',
    )
    .option('--session <name>', 'the session of those rows, if they have several')
    .action(async (folder: string, options: TransferOptions) => {
      if (options.from !== undefined) return fromTable(options.from, folder, options)
      const place = await placeOf(options)
      report(folder, place.location, await place.take(folder), options)
    })
  withPlace(program.command('export'))
    .description("copy an account back from a database into a folder that Baileys' own store reads")
    .argument('<folder>', 'a folder that holds no account yet')
    .action(async (folder: string, options: TransferOptions) => {
      const place = await placeOf(options)
      report(place.location, folder, await place.give(folder), options)
    })
}

const withPlace = (command: Command): Command =>
  withDatabase(command.option('--lmdb <folder>', 'the folder of an LMDB store'))
    .option('--account <name>', "the account's name in the PostgreSQL database")
    .option('--config <module>', 'a module that exports the options of rowAuthStore: rows, and a lock if there is one')
    .option('--json', 'what was copied as one JSON document')

async function placeOf(options: TransferOptions): Promise<Place> {
  const baileys = () => projectBaileys()
  const { lmdb: folder, account, config } = options
  if (config !== undefined) {
    if (folder !== undefined || account !== undefined || options.database !== undefined)
      throw new UsageError('Two places were named.', 'Give either --config, --lmdb, or --account and --database.')
    return rowsOf(config, baileys)
  }
  if (folder !== undefined) {
    if (account !== undefined || options.database !== undefined)
      throw new UsageError('Two places were named.', 'Give either --lmdb, or --account and --database.')
    const lmdb = await import('../stores/lmdb/index.ts')
    return {
      location: folder,
      take: (from) => lmdb.importFolder(from, folder, { baileys }),
      give: (to) => lmdb.exportFolder(folder, to, { baileys }),
    }
  }
  if (account === undefined)
    throw new UsageError(
      'No place was named.',
      'Give --lmdb <folder>, --config <module>, or --account <name> and --database <url>.',
    )
  const parts = { ...databaseOf(options), account, baileys }
  const postgres = await import('../stores/postgres/index.ts')
  return {
    location: postgres.postgresAuthStore(parts).location,
    take: (from) => postgres.importFolder(from, parts),
    give: (to) => postgres.exportFolder(parts, to),
  }
}

/** What another package keeps in a table becomes a folder. */
async function fromTable(from: string, folder: string, options: TransferOptions): Promise<void> {
  const baileys = () => projectBaileys()
  const { lmdb, account, config, database, session } = options
  if ([lmdb, account, config, database].some((place) => place !== undefined))
    throw new UsageError('Two places were named.', 'Give --from alone: its rows go into the folder. Then import that.')
  const { accountsInTable, foreignTables, rowsOfAccount } = await import('../stores/rows/foreign-tables.ts')
  const accounts = accountsInTable(await foreignRows(from))
  if (!accounts) {
    const known = foreignTables.map((one) => `${one.session}, ${one.id} and ${one.value} (${one.package})`)
    throw new UsageError(`${from} has no rows of a table that is known.`, `Their columns are ${known.join(', or ')}.`)
  }
  const [only] = accounts.keys()
  const name = session ?? (accounts.size === 1 ? only : undefined)
  const found = name === undefined ? undefined : accounts.get(name)
  if (!found) {
    const names = [...accounts.keys()].slice(0, 20).join(', ')
    throw new UsageError(`${from} has the sessions ${names}.`, 'Name one of them with --session.')
  }
  const rows = rowsOfAccount(found)
  const location = `session ${name} of ${from}`
  const { rowAuthStore } = await import('../stores/rows/index.ts')
  const { copyIntoFolder } = await import('../stores/rows/transfer.ts')
  const parts = { store: rowAuthStore({ rows, location, baileys }), rows }
  report(location, folder, await copyIntoFolder(parts, folder, { baileys }), options)
  const { length } = found.leftOut
  if (length > 0) process.stderr.write(`${length} rows are nothing of Baileys' and were left out.\n`)
}

async function foreignRows(from: string): Promise<readonly object[]> {
  if (from.endsWith('.json')) return rowsIn(await readJson(from))
  const { optionsIn } = await import('../drop-in/register/config.ts')
  const given = await optionsIn(from)
  return rowsIn(Array.isArray(given) ? given : Reflect.get(given, 'rows'))
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new UsageError(
      `${path} cannot be read as JSON: ${wordsOf(error)}`,
      'Export the rows of the table as one array.',
    )
  }
}

const rowsIn = (given: unknown): readonly object[] =>
  Array.isArray(given) ? given.filter((row) => typeof row === 'object' && row !== null) : []

/** Rows of the owner's own. */
async function rowsOf(config: string, baileys: () => Promise<BaileysParts>): Promise<Place> {
  const { optionsIn } = await import('../drop-in/register/config.ts')
  const { rowAuthStore } = await import('../stores/rows/index.ts')
  const { copyIntoFolder, copyIntoRows } = await import('../stores/rows/transfer.ts')
  const given = (await optionsIn(config)) as RowAuthStoreOptions
  const options = { baileys, ...given }
  const parts = { store: rowAuthStore(options), rows: given.rows }
  return {
    location: parts.store.location,
    take: (from) => copyIntoRows(from, parts, { baileys }),
    give: (to) => copyIntoFolder(parts, to, { baileys }),
  }
}

function report(from: string, to: string, copied: Transferred, { json }: TransferOptions): void {
  if (json) print(JSON.stringify({ from, to, ...copied }))
  else {
    print(`${copied.files} files (${size(copied.bytes)}) of ${from} are in ${to}, each as it was.`)
    print('Use only one of the two from now on: an account that runs from both loses its sessions.')
  }
}
