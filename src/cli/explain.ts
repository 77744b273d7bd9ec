import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { LifelineError } from '../errors/errors.ts'
import type { HistoryEntry } from '../history/entry.ts'
import { entriesOf } from '../history/kept-entries.ts'
import type { AuthStore } from '../stores/store.ts'
import { historyOf } from './account-history.ts'
import { existingStore } from './auth-folder.ts'
import type { Explained } from './explain-lines.ts'
import { UsageError } from './failure.ts'
import { given } from './given.ts'
import { momentOf } from './moment.ts'
import { print } from './output.ts'
import { paintFor } from './paint.ts'

interface ExplainOptions {
  readonly auth?: string
  readonly since?: string
  readonly until?: string
  readonly export?: string
  readonly out?: string
  readonly replay?: string
  readonly json?: boolean
}

/**
 * `lifeline explain`: the history in plain language. Reads only, beside a live gateway too. Exit code 1 if a replay
 * goes another way than recorded.
 */
export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('what happened to an account and why, in plain language; nothing is changed')
    .option('--auth <folder>', "the account's folder")
    .option('--since <moment>', 'only what happened after this time: 45min, 2h, 7d (ago), or a date')
    .option('--until <moment>', 'only what happened before this time')
    .option('--export <incident>', 'write an incident, by its id or `last`, into a file that can be replayed')
    .option('--out <file>', 'the file to write')
    .option('--replay <file>', 'play an exported incident on this version of the statechart')
    .option('--json', 'the same as one JSON document')
    .action(async (options: ExplainOptions) => {
      const { auth, replay, export: exported, out } = options
      if (replay !== undefined) {
        if (auth !== undefined || exported !== undefined)
          throw new UsageError('--replay stands alone.', 'Leave --auth and --export out.')
        const { showReplay } = await import('./explain-replay.ts')
        process.exitCode = await showReplay(replay, options.json === true)
        return
      }
      if (auth === undefined) throw new UsageError('No account was named.', 'Give --auth <folder>, or --replay <file>.')
      if ((exported === undefined) !== (out === undefined))
        throw new UsageError('--export and --out go together.', 'Give both: --export last --out incident.json.')
      const store = await existingStore({ auth })
      const { mostRead } = await import('../history/history.ts')
      const kept = await historyOf(store, mostRead)
      if (exported !== undefined && out !== undefined) await write(exported, kept, out, options.json === true)
      else await tell(store, entriesOf(kept), options)
    })
}

async function tell({ location }: AuthStore, entries: readonly HistoryEntry[], options: ExplainOptions): Promise<void> {
  const now = Date.now()
  const since = options.since === undefined ? undefined : momentOf(options.since, now, '--since')
  const until = options.until === undefined ? now : momentOf(options.until, now, '--until')
  if (since !== undefined && since > until)
    throw new UsageError('--since is later than --until.', 'Give an earlier --since, or a later --until.')
  const { availability, incidentsOf, rowsWentBack, timeToHeal } = await import('../history/incidents/index.ts')
  const before = entries.filter(({ at }) => at <= until)
  const all = incidentsOf(before, until)
  const incidents = all.filter(({ endedAt }) => since === undefined || (endedAt ?? until) >= since)
  const [first] = entries
  const explained: Explained = {
    location,
    ...given({ since, recordedSince: first?.at }),
    until,
    observing: before.findLast((entry) => entry.type === 'start')?.mode === 'observe',
    availability: availability(before, until),
    heal: timeToHeal(incidents),
    incidents,
    wentBack: rowsWentBack(before).filter(({ at }) => since === undefined || at >= since),
  }
  if (options.json) print(JSON.stringify(explained))
  else {
    const { explainLines } = await import('./explain-lines.ts')
    for (const line of explainLines(explained, paintFor(process.stdout))) print(line)
  }
}

async function write(wanted: string, kept: readonly unknown[], out: string, json: boolean): Promise<void> {
  const [{ incidentsOf }, { replayFile }] = await Promise.all([
    import('../history/incidents/index.ts'),
    import('../history/incidents/replay-file.ts'),
  ])
  const incidents = incidentsOf(entriesOf(kept), Date.now())
  const incident = wanted === 'last' ? incidents.at(-1) : incidents.find(({ id }) => id === wanted)
  if (!incident)
    throw new LifelineError(
      'INCIDENT_UNKNOWN',
      incidents.length === 0 ? 'The history holds no incident.' : `There is no incident ${wanted}.`,
      'See `lifeline explain --auth <folder>` for the ids, or use `last`.',
    )
  const file = replayFile(incident, kept)
  try {
    await writeFile(out, `${JSON.stringify(file)}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const exists = Object(error).code === 'EEXIST'
    throw new LifelineError(
      'REPLAY_NOT_WRITTEN',
      exists ? `${out} is there already.` : `${out} cannot be written (${String(Object(error).code)}).`,
      'Give a new file in a folder that you can write to.',
    )
  }
  const events = file.runs.reduce((sum, { steps }) => sum + steps.length, 0)
  if (json) print(JSON.stringify({ incident: file.incident, out, events }))
  else {
    print(`The incident ${incident.id} with ${events} events of the statechart is in ${out}.`)
    print(`It holds no key, code, number or address. Walk through it: lifeline explain --replay ${out}`)
  }
}
