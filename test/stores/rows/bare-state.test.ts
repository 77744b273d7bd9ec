import { expect, test } from 'vitest'
import { isBareState } from '../../../src/stores/rows/bare-state.ts'

const keys = { get: async () => ({}), set: async () => undefined }

test.each<[string, unknown, boolean]>([
  ['the state', { creds: {}, keys }, true],
  ['the state with what saves it', { state: { creds: {}, keys }, saveCreds: () => undefined }, true],
  ['keys alone', { keys }, false],
  ['credentials that are no object', { creds: 'x', keys }, false],
  ['credentials alone', { creds: {} }, false],
  ['keys that cannot be asked', { creds: {}, keys: {} }, false],
  ['a state of nothing', { state: null, creds: {}, keys }, true],
  ['nothing', null, false],
  ['words', 'state', false],
])('%s is what Baileys is given: %#', (_, value, is) => {
  expect(isBareState(value)).toBe(is)
})
