import { expect, test } from 'vitest'
import { npmShell } from '../../../src/drop-in/register/npm-shell.ts'

const [pid, shell, npm] = [30, 20, 10]
/** `/proc/<pid>/stat` of a program whose name holds parentheses and spaces. */
const stat = (of: number, above: number, terminal = 0) => `${of} (a (b) c) S ${above} 7 7 ${terminal} -1 4194304`
const line = (...args: readonly string[]) => `${args.join('\0')}\0`

interface Told {
  readonly script?: string | undefined
  readonly command?: readonly string[]
  readonly above?: number
  readonly terminal?: number
  readonly ppid?: number
  /** What cannot be read. */
  readonly without?: string
}
/** What is found for a program that npm runs by this script. */
function found({ script = 'node bot.js', command = ['sh', '-c', script], without, ...more }: Told = {}) {
  const { above = npm, terminal = 0, ppid = shell } = more
  const texts: Readonly<Record<string, string>> = {
    [`/proc/${pid}/stat`]: stat(pid, ppid, terminal),
    [`/proc/${ppid}/stat`]: stat(ppid, above, 99),
    [`/proc/${ppid}/cmdline`]: line(...command),
  }
  const read = (path: string) => (path === without ? undefined : texts[path])
  return npmShell({ npm_lifecycle_script: script }, { pid, ppid }, read)
}
const tied = { shell, npm }

test('a program of a script of npm is tied to the shell that npm has put above it', () => {
  expect(found()).toEqual(tied)
  expect(found({ command: ['sh', '-c', 'node bot.js --port 1'] })).toEqual(tied)
  expect(found({ command: ['bash', '-e', '-c', 'node bot.js'] })).toEqual(tied)
})

test.each<[string, Told]>([
  ['no script of npm', { script: '' }],
  ['no parent any more', { ppid: 1 }],
  ['a terminal', { terminal: 34_816 }],
  ['no shell above it, but the program of the script', { command: ['node', 'bot.js'] }],
  ['another command in its shell', { command: ['sh', '-c', 'sh -c "node bot.js"'] }],
  ['a shell that npm is not above', { above: 1 }],
  ['a shell that cannot be asked for its command', { without: `/proc/${shell}/cmdline` }],
  ['a shell that cannot be asked who is above it', { without: `/proc/${shell}/stat` }],
  ['no facts of its own', { without: `/proc/${pid}/stat` }],
])('with %s it is tied to none', (_, told) => {
  expect(found(told)).toBeUndefined()
})

test('without a word of npm there is none', () => {
  expect(npmShell({}, { pid, ppid: shell }, () => '')).toBeUndefined()
  expect(npmShell({ npm_lifecycle_script: 'x' })).toBeUndefined()
})

test.each([
  ['true && node bot.js', tied],
  ['node bot.js 2>&1', tied],
  ['node bot.js >& log', tied],
  ["node bot.js 'nohup a & b'", tied],
  ['node bot.js "a \\" & b"', tied],
  ['node bot.js a\\&b', tied],
  ['node nohup-bot.js', undefined],
  ['node disowned.js', tied],
  ['node bot.js &', undefined],
  ['node bot.js & wait', undefined],
  ['nohup node bot.js', undefined],
  ['setsid node bot.js', undefined],
  ['node bot.js "x" & disown', undefined],
])('the script %s ties its program: %j', (script, expected) => {
  expect(found({ script })).toEqual(expected)
})
