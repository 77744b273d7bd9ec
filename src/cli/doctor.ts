import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { defaultPolicy } from '../../machines/index.ts'
import type { PublicStatus } from '../../machines/public-status.ts'
import { LifelineError } from '../errors/errors.ts'
import { classify } from '../stores/file-class.ts'
import { keyFileName } from '../stores/file-name.ts'
import { writeReverses } from '../stores/mappings.ts'
import { olderForms, renew } from '../stores/renewal.ts'
import type { AuthStore, Finding, Inspection } from '../stores/store.ts'
import { trimStored } from '../stores/trim-stored.ts'
import { asOwner, existingStore, type FolderOptions, withAuth } from './auth-folder.ts'
import { hang, plural } from './columns.ts'
import { liveLines, liveReport } from './doctor-live.ts'
import { exitCodeOf } from './failure.ts'
import { dashboardOf } from './gateway-dashboard.ts'
import { print } from './output.ts'
import { type Paint, paintFor } from './paint.ts'

interface DoctorOptions extends FolderOptions {
  readonly fix?: boolean
  readonly live?: boolean
}

/**
 * `lifeline doctor`: what is wrong with a folder, what it leads to and what cures it. Reads only, unless it is told to
 * fix.
 */
export function addDoctor(program: Command): void {
  withAuth(program.command('doctor'))
    .description('look for damage in a folder: what is wrong, what follows from it, how to repair it')
    .option('--fix', 'repair what can be repaired: restore creds, repair pre-keys, set aside what Baileys makes again')
    .addOption(
      new Option(
        '--live',
        'what the gateway that runs on this folder says: state, last message in and out, messages waiting',
      ).conflicts('fix'),
    )
    .option('--json', 'the findings as one JSON document')
    .action(async (options: DoctorOptions) => {
      if (options.live) return live(options)
      const store = await existingStore(options)
      const done = options.fix ? await asOwner(store, () => fix(store)) : []
      const inspection = await store.inspect()
      if (options.json) print(JSON.stringify(report(store, inspection, done)))
      else for (const line of doctorLines(store, inspection, done, paintFor(process.stdout))) print(line)
      process.exitCode = exitCodeOf(isWell(inspection))
    })
}

/** Asks the running gateway; touches nothing. */
async function live({ auth, json }: DoctorOptions): Promise<void> {
  const folder = resolve(auth)
  const { account, url, pid, ask } = await dashboardOf(folder)
  const { accounts } = (await ask('status.json')) as { readonly accounts: readonly PublicStatus[] }
  const status = accounts.find((one) => one.account === account)
  if (!status)
    throw new LifelineError(
      'ACCOUNT_UNKNOWN',
      `The gateway at ${url} has no account ${account} any more.`,
      'Restart the gateway on this folder.',
    )
  const report = liveReport(folder, url, pid, status)
  if (json) print(JSON.stringify(report))
  else for (const line of liveLines(report, paintFor(process.stdout), Date.now())) print(line)
  process.exitCode = exitCodeOf(report.ok)
}

const isWell = ({ findings }: Pick<Inspection, 'findings'>): boolean =>
  findings.every(({ severity }) => severity === 'info')

/** Without the credentials themselves. */
const report = ({ location }: AuthStore, { creds, linked, findings, counts }: Inspection, done: readonly string[]) => ({
  location,
  ok: isWell({ findings }),
  linked,
  creds: creds.kind === 'unreadable' ? { kind: creds.kind, why: creds.why } : { kind: creds.kind },
  counts,
  findings,
  fixed: done,
})

const setAside: ReadonlySet<string> = new Set([
  ...['session-poison', 'session-useless', 'session-mute', 'sender-key-behind', 'file-shape', 'file-unreadable'],
])

/** The damaged file if Baileys makes it anew once it is gone, with what has to go together with it. */
function setAsideWith({ code, file = '' }: Finding): readonly string[] {
  if (!setAside.has(code)) return []
  switch (classify(file)?.mayRemove) {
    case 'yes':
      return [file]
    case 'with-its-memory': {
      const [, group = ''] = /^sender-key-(.+?)--/.exec(file) ?? []
      return [file, keyFileName('sender-key-memory', group)]
    }
    default:
      return []
  }
}

/** Becoming the owner has finished what a crash interrupted. */
function replayedLines({ replayed }: AuthStore): string[] {
  const { finished = [], superseded = [], spoilt = [] } = replayed ?? {}
  const lines: string[] = []
  if (finished.length > 0)
    lines.push(`The last writes before a crash: ${plural(finished.length, 'file')} put in place.`)
  if (superseded.length > 0)
    lines.push(
      `${plural(superseded.length, 'file')} that another program wrote since: the newer stayed, the others are in the quarantine.`,
    )
  for (const name of spoilt)
    lines.push(`${name} is damaged: what can be read counts, and it is kept as ${name}.damaged.`)
  return lines
}

/** Repairs what can be repaired, as the owner of the folder; returns what was done. */
export async function fix(store: AuthStore): Promise<readonly string[]> {
  const done = replayedLines(store)
  const restored = await store.restoreCreds('lifeline doctor --fix')
  if (restored) done.push(`creds.json was replaced by the good copy of ${new Date(restored.savedAt).toISOString()}.`)
  const { creds, findings } = await store.inspect()
  const force =
    restored !== undefined || findings.some(({ code }) => code === 'pre-keys-missing' || code === 'pre-keys-gone')
  if (creds.kind === 'present' && (await store.repairPreKeys({ force }))) done.push('The pre-key ids were raised.')
  const names = findings.flatMap(setAsideWith)
  const entry = names.length > 0 ? await store.quarantine({ kind: 'files', names }, 'lifeline doctor --fix') : undefined
  const closed = findings.some(({ code }) => code === 'permissions-wide') ? await store.tighten?.() : undefined
  if (closed?.length) done.push('Other users may no longer read the folder.')
  const overgrown = findings.flatMap(({ code, file }) => (code === 'keys-overgrown' && file ? [file] : []))
  const trimmed =
    creds.kind === 'present'
      ? await trimStored(store, overgrown, defaultPolicy.trim, 'lifeline doctor --fix, before trimming')
      : undefined
  if (trimmed)
    done.push(`Trimmed: ${plural(trimmed.files.length, 'file')}; as they were, they are kept as ${trimmed.id}.`)
  const renewed = olderForms(findings)
  if (await renew(store, renewed))
    done.push(`${plural(renewed.length, 'file')} written anew in the form of today; the old are in the quarantine.`)
  const mapped = creds.kind === 'present' ? await writeReverses(store, findings) : 0
  if (mapped > 0) done.push(`${plural(mapped, 'reverse lid-mapping')} written.`)
  if (entry) done.push(`Set aside as ${entry.id}: ${plural(entry.files.length, 'file')}.`)
  return done
}

/** What a person is told of a folder. */
export function doctorLines(
  { location }: Pick<AuthStore, 'location'>,
  { creds, linked, goodCopy, findings, counts }: Inspection,
  done: readonly string[],
  paint: Paint,
): readonly string[] {
  const link = linkSaid(creds, goodCopy)
  const files = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return [
    paint.bold(location),
    linked ? paint.good(link) : paint.warn(link),
    ...hang('', files.length > 0 ? `Files: ${files.join(', ')}.` : 'No files of Baileys.', paint.width, 0),
    ...done.flatMap((text) => hang(paint.good('fixed '), text, paint.width, 6)),
    ...grouped(findings).flatMap((group) => findingLines(group, paint)),
    '',
    verdict(findings, paint),
  ]
}

/** What cannot be read does not say that nobody is linked. */
function linkSaid(creds: Inspection['creds'], good: Inspection['goodCopy']): string {
  if (creds.kind === 'unreadable' && good !== undefined)
    return `linked as ${good.id}: creds.json cannot be used, a good copy of ${new Date(good.savedAt).toISOString()} is there`
  if (creds.kind === 'unreadable') return 'linked or not: creds.json cannot be used, so it does not say'
  return creds.kind === 'present' && creds.value.me ? `linked as ${creds.value.me.id}` : 'not linked'
}

/** Findings of one kind, the worst kinds first. */
function grouped(findings: readonly Finding[]): readonly (readonly [Finding, ...Finding[]])[] {
  const groups = new Map<string, [Finding, ...Finding[]]>()
  for (const finding of findings) {
    const key = `${finding.code} ${finding.consequence}`
    const group = groups.get(key)
    if (group) group.push(finding)
    else groups.set(key, [finding])
  }
  const order = ['error', 'warning', 'info']
  return [...groups.values()].sort(([a], [b]) => order.indexOf(a.severity) - order.indexOf(b.severity))
}

const mostNamed = 3

function findingLines([first, ...others]: readonly [Finding, ...Finding[]], paint: Paint): readonly string[] {
  const tone = { error: paint.bad, warning: paint.warn, info: paint.dim }[first.severity]
  const more = others.slice(0, mostNamed - 1).map(({ message }) => `${message}.`)
  const rest = others.length - more.length
  const text = [`${first.message}.`, ...more, ...(rest > 0 ? [`And ${rest} more.`] : [])].join(' ')
  const indent = 9
  const under = (label: string, said: string) =>
    hang(paint.dim(`  ${label.padEnd(indent - 2)}`), said, paint.width, indent)
  return [
    '',
    ...hang(tone(first.severity.padEnd(indent)), `${first.code}: ${text}`, paint.width, indent),
    ...under('effect', first.consequence),
    ...under('cure', first.cure),
  ]
}

function verdict(findings: readonly Finding[], paint: Paint): string {
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length
  const [errors, warnings] = [count('error'), count('warning')]
  if (errors + warnings === 0) return paint.good('Nothing is wrong.')
  const counts = [plural(errors, 'error'), plural(warnings, 'warning')].filter((text) => !text.startsWith('0 '))
  return (errors > 0 ? paint.bad : paint.warn)(
    `${counts.join(', ')}. What can be cured, --fix cures; the gateway must be stopped for it.`,
  )
}
