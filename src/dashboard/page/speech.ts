import { languageOf } from '../../languages/language.ts'
import { Translation, textsOf, withoutMarks } from '../../languages/translation.ts'

/** The gateway has chosen the language: by its option, or by what the browser asks for. */
const language = languageOf(document.documentElement.lang) ?? 'en'

/** A language that does not come leaves the page in English. */
async function listOf(file: string): Promise<readonly string[]> {
  const answer = await fetch(file, { credentials: 'same-origin' }).catch(() => undefined)
  return answer?.ok ? ((await answer.json().catch(() => [])) as readonly string[]) : []
}

async function translationOf(): Promise<Translation | undefined> {
  if (language === 'en') return undefined
  const [english, said] = await Promise.all([listOf('assets/en.json'), listOf(`assets/${language}.json`)])
  if (said.length > 0 && said.length === english.length) return new Translation(language, textsOf(english, said), 'all')
  document.documentElement.lang = 'en'
  return undefined
}

const translation = await translationOf()

/** A text in the language of the page, names and codes in it between marks of isolation. */
export const marked = (text: string): string => translation?.of(text) ?? text

/** A text of the page or of the gateway in the language of the page, where there can be no element. */
export const speak = (text: string): string => withoutMarks(marked(text))

const spoken = translation?.language ?? 'en'

/** Browsers on Linux may name what is no tag of a language: `en-US@posix`. */
function isTag(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0
  } catch {
    return false
  }
}

/** Whose clock and dates the page shows: the browser's own kind of the language that it speaks, such as `de-AT`. */
export const locale: string = navigator.languages.find((tag) => languageOf(tag) === spoken && isTag(tag)) ?? spoken
