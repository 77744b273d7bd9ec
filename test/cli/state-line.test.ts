import { expect, test } from 'vitest'
import { type Paint, paintFor } from '../../src/cli/paint.ts'
import { stateLines } from '../../src/cli/state-line.ts'

const plain = paintFor(process.stdout, { NO_COLOR: '1' })
/** What is dim stands in brackets. */
const paint: Paint = { ...plain, dim: (text) => `[${text}]`, state: (_, text) => text, width: 60 }
const lines = (message: string, why?: string) =>
  stateLines({ time: '12:00:00', state: 'healthy', message, why }, paint).map((line) => line.replace(/ +/g, ' '))

test.each<[string, string | undefined, readonly string[]]>([
  ['Connected.', undefined, ['[12:00:00 ]healthy Connected.']],
  ['Connected.', 'It opened.', ['[12:00:00 ]healthy Connected. [← It opened.]']],
  ['It opened, at last.', 'It opened.', ['[12:00:00 ]healthy It opened, at last.']],
  [
    'Connected to the server.',
    'The connection opened and its backlog was read.',
    ['[12:00:00 ]healthy Connected to the server. [← The]', ' [connection opened and its backlog]', ' [was read.]'],
  ],
])('of a change its message is plain, and why it came dim, on each line: %s, %s', (message, why, expected) => {
  expect(lines(message, why)).toEqual(expected)
})
