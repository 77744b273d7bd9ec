import type { Language } from './language.ts'
import { kindOf, partsOf, patternOf, weightOf } from './template.ts'

/** The texts of one language, each by its English one. */
export type Texts = Readonly<Record<string, string>>

/** As the build packs them: a list for English, and one for each language in the same order. */
export const textsOf = (english: readonly string[], said: readonly string[]): Texts =>
  Object.fromEntries(english.map((text, at) => [text, said[at] ?? text]))

/** Where one sentence ends and the next begins. */
const betweenSentences = /(?<=[.!?])\s+(?=[\p{Lu}\d“])/u
const rightToLeft = /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}/u

const units = { d: 'day', h: 'hour', min: 'minute', s: 'second' } as const
const duration = /^(\d+(?:\.\d)?) (d|h|min|s)(?: (\d+) (h|min))?$/
const share = /^(\d+(?:\.\d+)?) %$/
/** Texts are asked for again and again; so many different ones are kept. */
const mostKept = 4_000
/** `, mostly: `: what is shorter than this may stand in a text by chance. */
const leastWeight = 10

/**
 * English texts in another language. What is said is English first, on the page as in a status: a text is looked up by
 * its English template, and what has no translation stays as it is. So no part that says something has to know that
 * there are languages, and a text of the owner's own passes through.
 */
export class Translation {
  readonly language: Language
  readonly #texts: Texts
  readonly #templates: readonly (readonly [english: string, pattern: RegExp])[]
  readonly #plurals: Intl.PluralRules
  readonly #numbers: Intl.NumberFormat
  readonly #known = new Map<string, string | undefined>()
  readonly #isolates: 'all' | 'right-to-left'

  /** `isolates`: which names and codes stand between marks of isolation, as in `<bdi>`. */
  constructor(language: Language, texts: Texts, isolates: 'all' | 'right-to-left' = 'right-to-left') {
    this.language = language
    this.#isolates = isolates
    this.#texts = texts
    this.#templates = Object.keys(texts)
      .filter((english) => english.includes('{'))
      .toSorted((one, other) => weightOf(other) - weightOf(one))
      .map((english) => [english, patternOf(english)])
    this.#plurals = new Intl.PluralRules(language)
    this.#numbers = new Intl.NumberFormat(language)
  }

  /** The text in this language; what is not known stays English. Spaces around it stay. */
  of(text: string): string {
    const trimmed = text.trim()
    const found = trimmed === '' ? undefined : this.find(trimmed)
    return found === undefined ? text : text.replace(trimmed, () => found)
  }

  /** The same, or undefined where no part of the text is known. */
  find(text: string): string | undefined {
    if (this.#known.has(text)) return this.#known.get(text)
    const found = this.#look(text)
    if (this.#known.size >= mostKept) this.#known.clear()
    this.#known.set(text, found)
    return found
  }

  #look(text: string): string | undefined {
    if (Object.hasOwn(this.#texts, text)) return this.#texts[text]
    const sentences = text.split(betweenSentences)
    if (sentences.length > 1) {
      const found = sentences.map((sentence) => this.find(sentence))
      if (found.some((one) => one !== undefined)) return found.map((one, at) => one ?? sentences[at]).join(' ')
    }
    return this.#measure(text) ?? this.#fit(text) ?? this.#asPart(text)
  }

  /** Lengths of time, and shares. */
  #measure(text: string): string | undefined {
    const [, amount, unit, rest, restUnit] = duration.exec(text) ?? []
    if (amount !== undefined && unit !== undefined) {
      const first = this.#unit(Number(amount), unit)
      return rest === undefined || restUnit === undefined ? first : `${first} ${this.#unit(Number(rest), restUnit)}`
    }
    const [, percent] = share.exec(text) ?? []
    if (percent === undefined) return undefined
    const fraction = /\.(\d+)/.exec(percent)?.[1]?.length ?? 0
    const digits = { minimumFractionDigits: fraction, maximumFractionDigits: fraction }
    return new Intl.NumberFormat(this.language, { style: 'percent', ...digits }).format(Number(percent) / 100)
  }

  #unit(amount: number, unit: string): string {
    const known = units[unit as keyof typeof units]
    return new Intl.NumberFormat(this.language, { style: 'unit', unit: known, unitDisplay: 'short' }).format(amount)
  }

  #fit(text: string): string | undefined {
    for (const [english, pattern] of this.#templates) {
      const found = pattern.exec(text)?.groups
      if (found && this.#means(english, found)) {
        const said = this.#filled(this.#texts[english] ?? english, found)
        // A sentence may begin with what stands within it elsewhere.
        return /^\p{Lu}/u.test(english) ? `${said.charAt(0).toUpperCase()}${said.slice(1)}` : said
      }
    }
    return undefined
  }

  /** Where little more than places fits, each text in them has to be known. */
  #means(english: string, held: Readonly<Record<string, string>>): boolean {
    if (weightOf(english) > leastWeight) return true
    return Object.entries(held).every(([name, value]) => kindOf(name) !== 'words' || this.find(value) !== undefined)
  }

  /** `No answer in time.` is what `no answer in time` is, as a sentence. */
  #asPart(text: string): string | undefined {
    const bare = text.replace(/\.$/, '')
    const small = `${bare.charAt(0).toLowerCase()}${bare.slice(1)}`
    for (const part of [bare, small]) {
      if (part === text) continue
      const found = Object.hasOwn(this.#texts, part) ? this.#texts[part] : this.#fit(part)
      if (found === undefined) continue
      const stop = bare === text ? '' : this.language === 'hi' ? '।' : '.'
      return part === bare ? `${found}${stop}` : `${found.charAt(0).toUpperCase()}${found.slice(1)}${stop}`
    }
    // A sentence of a list, as the end of another one.
    const sentence = `${bare.charAt(0).toUpperCase()}${bare.slice(1)}.`
    const whole = Object.hasOwn(this.#texts, sentence) ? this.#texts[sentence] : undefined
    return bare === text ? whole?.replace(/[.।]$/, '') : whole
  }

  #filled(template: string, held: Readonly<Record<string, string>>): string {
    return (
      partsOf(template)
        .map((part) => {
          if (typeof part === 'string') return part
          const value = held[part.name] ?? ''
          if (part.forms) return this.#form(part.forms, Number(value))
          const kind = kindOf(part.name)
          if (kind === 'number') return this.#numbers.format(Number(value))
          if (kind !== 'as it is') return this.of(value)
          return this.#isolates === 'all' || rightToLeft.test(value) ? isolated(value) : value
        })
        .join('')
        // A unit may end with a stop of its own: `5 Min.`.
        .replace(/(\p{L})\.\.$/u, '$1.')
    )
  }

  #form(forms: readonly string[], count: number): string {
    const last = forms.at(-1) ?? ''
    return this.#plurals.select(count) === 'one' ? (forms[0] ?? last) : last
  }
}

/** A name that is written from right to left must not turn the sentence around it: what `<bdi>` does, in plain text. */
export const isolated = (value: string): string => (value.includes('\u2068') ? value : `\u2068${value}\u2069`)

/** For where there is no `<bdi>`: only what is written from right to left keeps its marks. */
export const withoutMarks = (text: string): string =>
  text.replace(/\u2068([^\u2069]*)\u2069/g, (whole, held: string) => (rightToLeft.test(held) ? whole : held))
