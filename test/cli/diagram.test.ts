import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { inProject } from '../root.ts'
import { lifeline } from './command.ts'

test.each([
  ['the Mermaid text', [], 'connection.mmd'],
  ['JSON for Stately Studio', ['--format', 'json'], 'connection.json'],
])('lifeline diagram prints %s as it stands in the folder of diagrams', async (_, args, name) => {
  const { code, stdout } = await lifeline('diagram', ...args)
  expect(code).toBe(0)
  expect(stdout).toBe(await readFile(inProject(`diagrams/${name}`), 'utf8'))
})
