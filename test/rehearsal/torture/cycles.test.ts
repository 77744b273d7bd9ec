// @module-tag slow

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { inProject } from '../../root.ts'
import { inTurn } from '../../share.ts'
import type { CyclesReport } from './cycles.ts'

const program = fileURLToPath(inProject('dist/test/rehearsal/torture/cycles.js'))
const cycles = 12
/**
 * For what is not among the things that are looked for one by one. While code warms up a cycle costs up to 800 kB, from
 * the seventh on 100 to 300, from the twentieth on 20: the events that the fake server keeps.
 */
const mostBytes = 400_000
const warm = 6

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0

test.each(inTurn(['@whiskeysockets/baileys', 'baileys-6'], import.meta.url))(
  'an account that is started and stopped again and again with %s leaves no handle, file, listener or memory, and its line, actor and sockets are collected',
  async (name) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, name, String(cycles)])
    const { before, after, uncollected, uncollectedIfKept }: CyclesReport = JSON.parse(stdout)
    expect(uncollected).toEqual([])
    for (const { handles, files, listeners } of after) {
      expect(handles).toBeLessThanOrEqual(before.handles)
      expect(files).toBeLessThanOrEqual(before.files)
      expect(listeners).toBeLessThanOrEqual(before.listeners)
    }
    const heap = after.map(({ heapBytes }) => heapBytes).slice(warm - 1)
    expect(after.length).toBe(cycles)
    expect(median(heap.slice(1).map((bytes, at) => bytes - (heap[at] ?? 0)))).toBeLessThan(mostBytes)
    // The same measure sees what is kept.
    expect(uncollectedIfKept).toContain('socket')
  },
  120_000,
)
