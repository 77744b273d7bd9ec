/** The languages that all texts of the page, of statuses and of notices are there in, as BCP 47 tags. */
export const languages = ['en', 'de', 'es', 'pt-BR', 'id', 'hi'] as const
/** A language of the page, of statuses and of notices, as a BCP 47 tag. */
export type Language = (typeof languages)[number]

const primary = (tag: string): string => tag.trim().toLowerCase().split('-')[0] ?? ''

/** The language for a tag such as `de-AT` or `pt`; undefined if there is none. */
export const languageOf = (tag: string): Language | undefined => languages.find((one) => primary(one) === primary(tag))

/** The first language of an `Accept-Language` header that is there, the most wanted first; English if none is. */
export function acceptedLanguage(header: string): Language {
  const wanted = header.split(',').map((part) => {
    const [tag = '', ...rest] = part.split(';')
    const quality = Number(/^\s*q=([\d.]+)/.exec(rest.join(';'))?.[1] ?? 1)
    return { tag, quality: Number.isNaN(quality) ? 0 : quality }
  })
  const known = wanted
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality)
    .map(({ tag }) => languageOf(tag))
  return known.find((one) => one !== undefined) ?? 'en'
}
