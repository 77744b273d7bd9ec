import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import type { Language } from './language.ts'
import { Translation, textsOf } from './translation.ts'

const read = new Map<Language, Translation>()

/**
 * The translation into a language, read when it is first wanted, from the file that the page has it from; undefined
 * for English. Throws where the package lacks the file.
 */
export function translationInto(language: Language): Translation | undefined {
  if (language === 'en') return undefined
  const known = read.get(language)
  if (known) return known
  const root = dirname(createRequire(import.meta.url).resolve('baileys-lifeline/package.json'))
  const listOf = (name: Language): readonly string[] =>
    JSON.parse(brotliDecompressSync(readFileSync(join(root, 'lib', 'page', `${name}.json.br`))).toString())
  const translation = new Translation(language, textsOf(listOf('en'), listOf(language)))
  read.set(language, translation)
  return translation
}
