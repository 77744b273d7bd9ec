import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { command, type NoticeChannel, type OpenChannel } from '../../src/index.ts'
import { desktopOf } from '../../src/notices/desktop.ts'
import { memoryKeep } from '../../src/notices/keep.ts'
import { run } from '../../src/notices/program.ts'
import { freezeTime, notice, Reports, ScriptedLine, until } from './notices.ts'

let place: string
let reports: Reports
let opened: OpenChannel | undefined

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'lifeline-command-'))
  reports = new Reports()
})
afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  await opened?.close?.()
  await rm(place, { recursive: true })
})

function open(channel: NoticeChannel): OpenChannel {
  opened = channel.open({ account: 'a', keep: memoryKeep(), line: new ScriptedLine(), report: reports.report })
  return opened
}

const sh = (script: string, ...args: string[]): [string, ...string[]] => ['/bin/sh', '-c', script, 'sh', ...args]

/** The lines that programs have appended to the file so far. */
const linesIn = async (file: string): Promise<string[]> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean)

async function linesCome(file: string, count: number): Promise<string[]> {
  let lines: string[] = []
  await until(() => {
    void linesIn(file).then((read) => {
      lines = read
    })
    return lines.length >= count
  }, `${count} lines`)
  return lines
}

/** What a file holds once its last line has ended. */
async function written(file: string): Promise<string> {
  let text = ''
  await until(() => {
    void readFile(file, 'utf8').then(
      (read) => {
        text = read
      },
      () => undefined,
    )
    return text.endsWith('\0\n')
  }, file)
  return text
}

describe('command()', () => {
  test('runs a program for each notice, one after the other, with the notice as a line of JSON on its input', async () => {
    const file = join(place, 'told')
    const channel = open(command(sh('cat >> "$1"', file)))
    const notices = ['one', 'two "$(id)"; `id`', 'three\nlines'].map((message) => notice(message))
    for (const one of notices) channel.tell(one)
    const lines = await linesCome(file, 3)
    expect(lines.map((line) => JSON.parse(line))).toEqual(notices)
  })

  test('passes arguments as they are: there is no shell', async () => {
    const file = join(place, 'told')
    const odd = '$(id) `id` ; echo "x" > y && *'
    open(command(sh('printf "%s\\n" "$2" > "$1"', file, odd))).tell(notice('x'))
    expect(await linesCome(file, 1)).toEqual([odd])
  })

  test.each<readonly [string, [string, ...string[]], RegExp]>([
    ['that is not there', ['/no/such/program'], /ENOENT/],
    [
      'that fails, with its words',
      sh('echo "cannot reach the pager" >&2; exit 3'),
      /ended with 3: cannot reach the pager/,
    ],
    ['that fails without a word', sh('exit 4'), /ended with 4: \(no output\)/],
    ['that is killed', sh('kill -9 $$'), /ended with SIGKILL/],
    [
      'that talks without end, in a bounded report',
      sh('head -c 5000000 /dev/zero | tr "\\0" x; exit 1'),
      /ended with 1: x+$/,
    ],
  ])('reports a program %s, and goes on', async (_, argv, said) => {
    const channel = open(command(argv))
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    await until(() => reports.all.length === 2)
    for (const line of reports.all) {
      expect(line).toMatch(said)
      expect(line.length).toBeLessThan(9_000)
    }
  })

  test('a program that does not read its input is no failure', async () => {
    const file = join(place, 'told')
    const channel = open(command(sh('echo ran >> "$1"', file)))
    channel.tell(notice('x'.repeat(1_000_000)))
    channel.tell(notice('two'))
    await linesCome(file, 2)
    expect(reports.all).toEqual([])
  })

  /** Says its number and waits for ever, deaf to a polite end. */
  const stubborn = 'trap "" TERM; echo $$ > "$1"; while :; do sleep 1; done'
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  test('a program that takes too long is ended, killed if it does not listen, and reported', async () => {
    freezeTime()
    const file = join(place, 'pid')
    open(command(sh(stubborn, file), { timeoutMs: 5_000 })).tell(notice('one'))
    const pid = Number((await linesCome(file, 1))[0])
    vi.advanceTimersByTime(5_000)
    expect(isAlive(pid)).toBe(true)
    vi.advanceTimersByTime(500)
    await until(() => {
      vi.advanceTimersByTime(1)
      return reports.all.length > 0
    })
    expect(reports.all[0]).toMatch(/did not end within 5000 ms/)
    expect(isAlive(pid)).toBe(false)
  })

  test('close() ends the program under way, forgets those that wait, and leaves no timer', async () => {
    freezeTime()
    const file = join(place, 'pid')
    const channel = open(command(sh(stubborn, file)))
    channel.tell(notice('one'))
    channel.tell(notice('two'))
    const pid = Number((await linesCome(file, 1))[0])
    let closed = false
    const closing = Promise.resolve(channel.close?.()).then(() => {
      closed = true
    })
    await until(() => {
      vi.advanceTimersByTime(10)
      return closed
    })
    await closing
    expect(isAlive(pid)).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('desktop()', () => {
  /** A program of that name that writes down its arguments, and the texts that it finds in the environment. */
  const stand = async (name: string): Promise<string> => {
    const file = join(place, `${name}-told`)
    const script = `#!/bin/sh
printf '%s\\0' "$@" "$LIFELINE_TITLE" "$LIFELINE_TEXT" >> ${file}
echo >> ${file}`
    await writeFile(join(place, name), script)
    await chmod(join(place, name), 0o755)
    vi.stubEnv('PATH', `${place}${delimiter}${process.env.PATH}`)
    return file
  }

  test.each<readonly [NodeJS.Platform, string]>([
    ['linux', 'notify-send'],
    ['freebsd', 'notify-send'],
    ['darwin', 'osascript'],
    ['win32', 'powershell.exe'],
  ])('shows a notice on %s with %s, its texts never as code', async (platform, program) => {
    const file = await stand(program)
    const odd = '-e "$(id)" \' & <b> $env:PATH'
    open(desktopOf(platform)).tell({ ...notice(odd), remediation: 'Do it.' })
    const told = (await written(file)).split('\0')
    expect(told).toContain('WhatsApp a')
    expect(told).toContain(`${odd}\nDo it.`)
    expect(told.filter((arg) => String(arg).includes('$(id)'))).toHaveLength(1)
  })

  test('shows a notice for which nothing is to be done as it is', async () => {
    const file = await stand('notify-send')
    open(desktopOf('linux')).tell(notice('All is well.'))
    expect((await written(file)).split('\0')).toContain('All is well.')
  })

  test('says where it knows no way', () => {
    expect(() => desktopOf('aix')).toThrow(/cannot show notifications on aix/)
  })
})

test.runIf(process.platform !== 'win32')('a program that has ended leaves no timer, however it ended', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const { signal } = new AbortController()
  const ran = (script: string, timeoutMs = 10_000) =>
    run({ argv: sh(script), stdin: '', timeoutMs, signal }).then(
      () => 'well',
      ({ message }: Error) => message,
    )
  const before = timers()
  expect(await ran('exit 0')).toBe('well')
  expect(timers()).toBeLessThanOrEqual(before)
  expect(await ran('echo no; exit 3')).toBe('/bin/sh ended with 3: no')
  expect(timers()).toBeLessThanOrEqual(before)
  expect(await ran('kill -9 $$')).toBe('/bin/sh ended with SIGKILL: (no output)')
  expect(await ran('exec sleep 60', 20)).toBe('/bin/sh did not end within 20 ms')
  expect(timers()).toBeLessThanOrEqual(before)
})
