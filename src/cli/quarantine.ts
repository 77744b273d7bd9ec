import type { Command } from 'commander'
import type { QuarantineEntry } from '../stores/store.ts'
import { asOwner, existingStore, type FolderOptions, withAuth } from './auth-folder.ts'
import { hang, plural, size } from './columns.ts'
import { print } from './output.ts'
import { type Paint, paintFor } from './paint.ts'

interface RestoreOptions extends FolderOptions {
  readonly force?: boolean
}

/** `lifeline quarantine list|restore`: list what was set aside, and put it back. */
export function addQuarantine(program: Command): void {
  const quarantine = program.command('quarantine').description('list what was set aside, and put it back')
  withAuth(quarantine.command('list'))
    .description('list what is in the quarantine, oldest first')
    .option('--json', 'the entries as one JSON document')
    .action(async (options: FolderOptions) => {
      const entries = await (await existingStore(options)).quarantined()
      if (options.json) print(JSON.stringify({ entries }))
      else for (const line of listLines(entries, paintFor(process.stdout))) print(line)
    })
  withAuth(quarantine.command('restore'))
    .description('put the files of an entry back; the gateway must be stopped')
    .argument('<id>', 'the entry, as the list names it')
    .option('--force', 'replace newer files too; they are set aside first')
    .option('--json', 'the restored names as one JSON document')
    .action(async (id: string, { force = false, ...options }: RestoreOptions) => {
      const store = await existingStore(options)
      const restored = await asOwner(store, () => store.restore(id, { force }))
      if (options.json) print(JSON.stringify({ id, restored }))
      else print(`Back in ${store.location}: ${plural(restored.length, 'file')}.`)
    })
}

function listLines(entries: readonly QuarantineEntry[], paint: Paint): readonly string[] {
  if (entries.length === 0) return ['The quarantine is empty.']
  return entries.flatMap(({ id, at, reason, files }) => {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const amount = `${plural(files.length, 'file')}, ${size(bytes)}`
    return [
      `${paint.bold(id)}  ${paint.dim(new Date(at).toISOString())}  ${amount}`,
      ...hang('  ', reason, paint.width, 2),
    ]
  })
}
