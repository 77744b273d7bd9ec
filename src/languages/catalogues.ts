import type { Catalogue } from './english.ts'
import { german } from './german.ts'
import { hindi } from './hindi.ts'
import { indonesian } from './indonesian.ts'
import type { Language } from './language.ts'
import { portuguese } from './portuguese.ts'
import { spanish } from './spanish.ts'

/** All that is said, by language. The build packs each into a file of its own, which is read when it is wanted. */
export const catalogues: Readonly<Record<Exclude<Language, 'en'>, Catalogue>> = {
  de: german,
  es: spanish,
  'pt-BR': portuguese,
  id: indonesian,
  hi: hindi,
}
