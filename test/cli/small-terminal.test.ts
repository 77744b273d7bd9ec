// @module-tag slow

import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startFakeWhatsApp } from '../../src/rehearsal/fake-whatsapp/index.ts'
import { readQr } from '../read-qr.ts'
import { cli as program } from '../shipped.ts'
import { pixelsOf } from '../terminal/terminal-pixels.ts'

const hasTmux = (): boolean => {
  try {
    return execFileSync('tmux', ['-V'], { encoding: 'utf8' }).startsWith('tmux')
  } catch {
    return false
  }
}

interface Terminal {
  /** Presses keys, if there are any; what is on the screen. */
  readonly screen: (...keys: string[]) => string
  /** Whether the program has ended; with which exit code tmux does not always tell. */
  readonly ended: () => boolean
}

/** Runs the program in a terminal of that size. */
async function inTerminal(columns: number, rows: number, args: readonly string[]): Promise<Terminal> {
  const place = await mkdtemp(join(tmpdir(), 'lifeline-terminal-'))
  const tmux = (...command: string[]) =>
    execFileSync('tmux', ['-u', '-S', join(place, 'tmux'), '-f', '/dev/null', ...command], { encoding: 'utf8' })
  onTestFinished(async () => {
    try {
      tmux('kill-server')
    } catch {
      // It went with its last program.
    }
    await rm(place, { recursive: true, force: true })
  })
  const size = ['-x', String(columns), '-y', String(rows)]
  tmux('new-session', '-d', ...size, process.execPath, program, ...args, '--auth', join(place, 'auth'))
  tmux('set-option', 'remain-on-exit', 'on')
  return {
    screen: (...keys) => {
      if (keys.length > 0) tmux('send-keys', ...keys)
      return tmux('capture-pane', '-p')
    },
    ended: () => tmux('display-message', '-p', '#{pane_dead}').trim() === '1',
  }
}

const isDrawn = (line: string): boolean => /[█▌▐\u{1fb00}-\u{1fb3b}]{4}/u.test(line)

test.skipIf(!hasTmux())(
  'lifeline run in a terminal of 80 × 24 shows the whole code and the line beneath at once, a phone that looks at it links, and Ctrl-C ends it',
  async () => {
    const server = await startFakeWhatsApp({ claimedPreKeys: 1 })
    onTestFinished(() => server.stop())
    const { screen, ended } = await inTerminal(80, 24, ['run', '--url', server.url, '--root-key', server.rootKey])
    const shown = await vi.waitFor(
      () => {
        const lines = screen().split('\n')
        expect(lines.join('\n')).toMatch(/Code 1, good until \d\d:\d\d:\d\d\. .*--phone/)
        return lines
      },
      { timeout: 30_000, interval: 50 },
    )
    const drawn = shown.filter(isDrawn)
    // Trailing spaces are ink that the terminal does not tell of.
    const width = Math.max(...drawn.map((line) => [...line].length))
    const {
      data,
      width: across,
      height,
    } = pixelsOf(
      drawn.map((line) => line.padEnd(width + 2)),
      { inkIsLight: false },
    )
    const code = readQr(data, across, height)?.data ?? ''
    expect(code.length).toBeGreaterThan(150)
    await server.phone('491700000001').scan(code)
    await vi.waitFor(() => expect(screen()).toMatch(/healthy +Connected/), { timeout: 30_000, interval: 50 })
    screen('C-c')
    await vi.waitFor(() => expect(screen()).toMatch(/stopped +Supervision is stopped/), {
      timeout: 30_000,
      interval: 50,
    })
    await vi.waitFor(() => expect(ended()).toBe(true), { timeout: 30_000, interval: 50 })
  },
)
