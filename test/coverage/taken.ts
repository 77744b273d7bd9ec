import { takeCoverage } from 'node:v8'
import { afterAll } from 'vitest'

// A worker is ended by a signal, and what it has run would be lost with it: it is written down after each file.
afterAll(() => {
  takeCoverage()
})
