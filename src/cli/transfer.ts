import type { Command } from 'commander'
import type { LmdbAuthStoreOptions, Transferred } from '../lmdb/index.ts'
import { exportFolder, importFolder } from '../lmdb/index.ts'
import { size } from './columns.ts'
import { print } from './output.ts'
import { projectBaileys } from './project-baileys.ts'

interface TransferOptions {
  readonly lmdb: string
  readonly json?: boolean
}

type Transfer = (from: string, to: string, options: LmdbAuthStoreOptions) => Promise<Transferred>

/** `lifeline import` and `lifeline export`: an account between a folder of Baileys' layout and an LMDB store. */
export function addTransfer(program: Command): void {
  withLmdb(program.command('import'))
    .description('copy an account from a folder into an LMDB store, compared by hashes; the gateway must be stopped')
    .argument('<folder>', "a folder in the layout of Baileys' multi-file store; it stays as it is")
    .action((folder: string, options: TransferOptions) => transfer(importFolder, folder, options.lmdb, options))
  withLmdb(program.command('export'))
    .description("copy an account back from an LMDB store into a folder that Baileys' own store reads")
    .argument('<folder>', 'a folder that holds no account yet')
    .action((folder: string, options: TransferOptions) => transfer(exportFolder, options.lmdb, folder, options))
}

const withLmdb = (command: Command): Command =>
  command
    .requiredOption('--lmdb <folder>', 'the folder of the LMDB store')
    .option('--json', 'what was copied as one JSON document')

async function transfer(copy: Transfer, from: string, to: string, { json }: TransferOptions): Promise<void> {
  const copied = await copy(from, to, { baileys: () => projectBaileys() })
  if (json) print(JSON.stringify({ from, to, ...copied }))
  else {
    print(`${copied.files} files (${size(copied.bytes)}) of ${from} are in ${to}, each as it was.`)
    print('Use only one of the two from now on: an account that runs from both loses its sessions.')
  }
}
