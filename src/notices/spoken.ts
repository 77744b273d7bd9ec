import type { Language } from '../languages/language.ts'
import { translationInto } from '../languages/packed.ts'
import type { Notice } from './notice.ts'

/** Puts what is told into a language; its kind and its details are the same in all. */
export function noticesIn(language: Language): (notice: Notice) => Notice {
  const translation = translationInto(language)
  if (translation === undefined) return (notice) => notice
  return (notice) => {
    const { message, remediation } = notice
    return Object.freeze({
      ...notice,
      message: translation.of(message),
      ...(remediation === undefined ? {} : { remediation: translation.of(remediation) }),
    })
  }
}
