/**
 * A text with places in it: `{n}` is a number, `{n:account|accounts}` what is said for one and for more of it,
 * `{words}` a text that is translated itself, `{time}` a length of time, and any other name what stays as it is, such
 * as a name. One name may have a figure behind it: `{words1}`.
 */
export interface Place {
  readonly name: string
  /** What is said by the number of that name: for one, and for more. */
  readonly forms?: readonly string[]
}

/** The parts of a text: what stands there, and its places. */
export function partsOf(template: string): readonly (string | Place)[] {
  const parts: (string | Place)[] = []
  let end = 0
  for (const { index, 0: whole, 1: name = '', 2: forms } of template.matchAll(/\{(\w+)(?::([^}]*))?\}/g)) {
    if (index > end) parts.push(template.slice(end, index))
    parts.push(forms === undefined ? { name } : { name, forms: forms.split('|') })
    end = index + whole.length
  }
  if (end < template.length) parts.push(template.slice(end))
  return parts
}

/** What a place holds, by its name. */
export const kindOf = (name: string): 'number' | 'words' | 'time' | 'as it is' => {
  if (/^[nmk]$/.test(name)) return 'number'
  if (name.startsWith('words')) return 'words'
  return name.startsWith('time') ? 'time' : 'as it is'
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** A length of time, as the English texts have it: `4 h 30 min`, `9 s`, `2.4 s`. */
const time = String.raw`\d+(?:\.\d)? (?:d|h|min|s)(?: \d+ (?:h|min))?|less than a second`

const held = {
  number: String.raw`\d+`,
  words: '.+?',
  time,
  'as it is': '.+?',
} as const

/** Finds the texts that an English template stands for; its groups are what the places hold. */
export function patternOf(template: string): RegExp {
  const seen = new Set<string>()
  const source = partsOf(template).map((part) => {
    if (typeof part === 'string') return literal(part)
    if (part.forms) return `(?:${part.forms.map(literal).join('|')})`
    if (seen.has(part.name)) return `\\k<${part.name}>`
    seen.add(part.name)
    return `(?<${part.name}>${held[kindOf(part.name)]})`
  })
  return new RegExp(`^${source.join('')}$`, 'su')
}

/** How much of a template stands there: of two that fit, the one with more of it is meant. */
export const weightOf = (template: string): number =>
  partsOf(template).reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0)
