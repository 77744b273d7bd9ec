import { wrongOption } from '../errors/wrong-option.ts'
import { type Language, languages } from './language.ts'

/** Throws `OptionsError` for what is no language of ours. */
export function languageOption(path: string, value: unknown): Language {
  const found = languages.find((one) => one === value)
  if (found === undefined) throw wrongOption(path, value, `one of ${languages.join(', ')}`)
  return found
}
