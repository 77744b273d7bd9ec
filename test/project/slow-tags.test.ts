import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inProject } from '../root.ts'
import { isSlow } from '../share.ts'
import { sources } from './imports.ts'

test('an empty line stands behind the tag of a file: the compiler drops a comment together with an import of types', () => {
  const tagged = sources.filter((file) => isSlow(readFileSync(inProject(file), 'utf8')))
  expect(tagged.length).toBeGreaterThan(40)
  const second = tagged.map((file) => [file, readFileSync(inProject(file), 'utf8').split('\n')[1]])
  expect(second).toEqual(tagged.map((file) => [file, '']))
})
