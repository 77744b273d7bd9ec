import type { GenerationShelf } from '../generations.ts'
import type { Rows } from './rows.ts'

/** Good generations of creds as rows. */
export const generationRows = (rows: Rows): GenerationShelf => ({
  names: () => rows.names('generation'),
  read: async (name) => Buffer.from((await rows.read('generation', name)) ?? []),
  put: (name, content) => rows.commit([{ table: 'generation', name, content }]),
  drop: async (names) => {
    if (names.length > 0) await rows.commit(names.map((name) => ({ table: 'generation', name, content: null })))
  },
})
