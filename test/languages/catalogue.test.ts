import { describe, expect, test } from 'vitest'
import { catalogues } from '../../src/languages/catalogues.ts'
import { english } from '../../src/languages/english.ts'
import { acceptedLanguage, type Language } from '../../src/languages/language.ts'
import { kindOf, partsOf, patternOf } from '../../src/languages/template.ts'
import { Translation } from '../../src/languages/translation.ts'

const each = Object.entries(catalogues) as [Exclude<Language, 'en'>, Readonly<Record<string, string>>][]

/** The places of a text, each once. */
const placesOf = (text: string): readonly string[] => {
  const places = partsOf(text).flatMap((part) => (typeof part === 'string' ? [] : [part]))
  return [...new Set(places.map(({ name }) => name))].toSorted()
}

/** The same for names of things, WhatsApp's own words and marks. */
const sameEverywhere = /^(Lifeline|Host|Hosts|Filter|Status|Offline|Median|Link|WhatsApp|Baileys)?\W*$/

test('each English text stands in the catalogue once', () => {
  expect(english.filter((text, at) => english.indexOf(text) !== at)).toEqual([])
})

describe.each(each)('the texts in %s', (language, texts) => {
  test('are those that there are in English, none missing and none too many', () => {
    const keys = Object.keys(texts)
    expect(
      english.filter((text) => !keys.includes(text)),
      `add these to the file of ${language} in src/languages`,
    ).toEqual([])
    expect(
      keys.filter((key) => !(english as readonly string[]).includes(key)),
      `take these out of the file of ${language}`,
    ).toEqual([])
  })

  test('have the places of the English ones, and as many forms as the language tells apart', () => {
    const most = new Intl.PluralRules(language).resolvedOptions().pluralCategories.length
    const wrong = Object.entries(texts).filter(([key, said]) => {
      const forms = partsOf(said).flatMap((part) => (typeof part === 'string' ? [] : [part.forms?.length ?? 1]))
      return String(placesOf(key)) !== String(placesOf(said)) || forms.some((count) => count > Math.min(2, most))
    })
    expect(wrong, `mend the places in the file of ${language}`).toEqual([])
  })

  test('are no English sentences', () => {
    const left = Object.entries(texts).filter(
      ([key, said]) => key === said && !sameEverywhere.test(key.replace(/\{[^}]*\}/g, '')) && /\w+ \w+ \w+/.test(key),
    )
    expect(left).toEqual([])
  })
})

describe('a translation', () => {
  const into = (language: Exclude<Language, 'en'>): Translation => new Translation(language, catalogues[language])

  test.for<[Exclude<Language, 'en'>, string, string]>([
    ['de', '1 message from 2 devices cannot be read.', '1 Nachricht von 2 Geräten ist nicht lesbar.'],
    ['de', '1200 messages from 1 device cannot be read.', '1.200 Nachrichten von 1 Gerät sind nicht lesbar.'],
    ['id', '3 short drops, WhatsApp’s side', '3 putus singkat, di pihak WhatsApp'],
    ['de', 'No answer in time.', 'Keine rechtzeitige Antwort.'],
    ['hi', 'The network.', 'नेटवर्क।'],
    ['es', '99.98 %', '99,98 %'],
    ['de', 'Not connected for 2 h 5 min. Connected.', 'Nicht verbunden seit 2 Std. 5 Min. Verbunden.'],
    ['de', ' · new one in ', ' · neuer in '],
    ['de', 'Down 2 s in the last 24 hours: 1 incident.', 'In den letzten 24 Stunden 2 Sek. weg: 1 Vorfall.'],
    ['de', 'The connect function failed: no route here.', 'Die Funktion connect ist fehlgeschlagen: no route here.'],
    ['pt-BR', 'A text of the owner, and of nobody else', 'A text of the owner, and of nobody else'],
    ['de', 'مرحبا is linked and connected.', '\u2068مرحبا\u2069 ist verknüpft und verbunden.'],
  ])('into %s of %s is %s', ([language, text, said]) => {
    expect(
      into(language)
        .of(text)
        .replace(/\u00a0/g, ' '),
    ).toBe(said)
  })

  test('finds of every English text the one that it stands for', () => {
    const sample = { number: '2', words: 'connected', time: '4 min', 'as it is': 'x' } as const
    const filled = (text: string): string =>
      partsOf(text)
        .map((part) => (typeof part === 'string' ? part : (part.forms?.at(-1) ?? sample[kindOf(part.name)])))
        .join('')
    expect(english.filter((text) => !patternOf(text).test(filled(text)))).toEqual([])
    const german = into('de')
    expect(english.filter((text) => german.find(filled(text)) === undefined)).toEqual([])
  })
})

test.for([
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['fr, pt;q=0.5, es;q=0.7', 'es'],
  ['pt-PT', 'pt-BR'],
  ['en-GB,de;q=0.5', 'en'],
  ['de;q=0, hi;q=0.0, id', 'id'],
  ['', 'en'],
  ['xx', 'en'],
])('a browser that asks for "%s" gets the page in %s', ([header = '', language]) => {
  expect(acceptedLanguage(header)).toBe(language)
})
