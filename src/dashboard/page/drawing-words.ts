import { speak } from './speech.ts'

/** A text may be so much wider than the English one. */
const mostWider = 1.25

/** `prepareAuth done · linked`: what is a name of the code stays, what is a word is said in the page's language. */
function label(text: string): string {
  const whole = speak(text)
  if (whole !== text) return whole
  return text
    .split(' · ')
    .map((part) => {
      const said = speak(part)
      const [, service = '', ended = ''] = said === part ? (/^(\w+) (done|fails)$/.exec(part) ?? []) : []
      return service === '' ? said : `${service} ${speak(ended)}`
    })
    .join(' · ')
}

/** A line of a tooltip: a sentence, or a transition in a few words and why it is taken. */
function told(line: string): string {
  const [, words, why] = /^(\P{Lu}.*?): (.+)$/u.exec(line) ?? []
  return words === undefined || why === undefined ? label(line) : `${label(words)}: ${speak(why)}`
}

/** The words of a sentence on so many lines, each about as long as the others. */
function lines(sentence: string, count: number): readonly string[] {
  const words = sentence.split(' ')
  return Array.from({ length: count }, (_, at) =>
    words.slice(Math.round((at * words.length) / count), Math.round(((at + 1) * words.length) / count)).join(' '),
  )
}

function write(text: SVGTextElement, said: string): void {
  if (text.textContent === said) return
  const room = Number(text.getAttribute('textLength') ?? 0)
  text.textContent = said
  text.removeAttribute('textLength')
  const width = text.getComputedTextLength()
  if (room > 0 && width > room * mostWider) text.setAttribute('textLength', String(room * mostWider))
}

/**
 * Puts what a drawing says into the language of the page. It has to be laid out, since each text is kept within the
 * room that it has. Names of states and of services stay as the code has them.
 */
export function speakDrawing(svg: SVGSVGElement): void {
  const done = new Set<Element>()
  for (const state of svg.querySelectorAll('[data-state]')) {
    const sentence = state.querySelector(':scope > title')?.textContent ?? ''
    const parts = [...state.querySelectorAll<SVGTextElement>(':scope > text')].filter(
      ({ textContent }) => textContent !== '' && sentence.includes(textContent ?? sentence),
    )
    if (parts.length === 0 || parts.map(({ textContent }) => textContent).join(' ') !== sentence) continue
    const said = lines(speak(sentence), parts.length)
    for (const [at, part] of parts.entries()) {
      write(part, said[at] ?? '')
      done.add(part)
    }
  }
  for (const text of svg.querySelectorAll('text')) if (!done.has(text)) write(text, label(text.textContent ?? ''))
  for (const about of svg.querySelectorAll('title, desc'))
    about.textContent = (about.textContent ?? '').split('\n').map(told).join('\n')
}
