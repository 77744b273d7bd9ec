import { marked, speak } from './speech.ts'

/**
 * What an element is given: attributes; `on…` are listeners; `undefined` and `false` leave it out, `true` gives it
 * without a value.
 */
type Given = Readonly<Record<string, string | number | boolean | undefined | ((event: never) => void)>>
type Child = Node | string | undefined | false

/** Attributes that are read by people. */
const spoken: ReadonlySet<string> = new Set(['aria-label', 'title', 'placeholder'])

function give(element: Element, given: Given): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2).toLowerCase(), value as EventListener)
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : spoken.has(name) ? speak(String(value)) : String(value))
  }
}

/** A name between marks of isolation, or a number: a count, a time of day, a phone number, a version. */
const apart =
  /\u2068([^\u2069]*)\u2069|(?<![\p{L}\p{Nd}])\+?\p{Nd}(?:[\p{Nd}.,:]*\p{Nd})?(?![\p{L}\p{Nd}])(?:-\p{L}[\p{L}\p{Nd}]*)?/gu

/** Names, numbers and codes are put into `<bdi>`: next to a name from right to left each keeps its place. */
function parted(text: string): (Node | string)[] {
  const parts: (Node | string)[] = []
  let end = 0
  for (const { index, 0: whole, 1: held = whole } of text.matchAll(apart)) {
    if (index > end) parts.push(text.slice(end, index))
    const isolated = document.createElement('bdi')
    isolated.textContent = held
    parts.push(isolated)
    end = index + whole.length
  }
  if (end < text.length) parts.push(text.slice(end))
  return parts
}

/** What stands in `<bdi>` stays as it is; an `<option>` holds no elements. */
function contentOf(name: string, text: string): (Node | string)[] {
  if (name === 'bdi') return [text]
  return name === 'option' ? [speak(text)] : parted(marked(text))
}

const present = (name: string, children: readonly Child[]): (Node | string)[] =>
  children.flatMap((child) => {
    if (child === undefined || child === false) return []
    return typeof child === 'string' ? contentOf(name, child) : [child]
  })

/** An element of the page. Text goes in as text: nothing here reads HTML from a string. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  given: Given = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  give(element, given)
  element.append(...present(name, children))
  return element
}

/** The same for a drawing, which has no words. */
export function s<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  given: Given = {},
  ...children: readonly SVGElement[]
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  give(element, given)
  element.append(...children)
  return element
}

/**
 * Sets the text, unless it stands there already: an equal text written anew would be read aloud anew and would lose a
 * selection.
 */
export function say(element: Element, text: string): void {
  const said = element.localName === 'bdi' ? text : marked(text).replace(/[\u2068\u2069]/g, '')
  if (element.textContent !== said) element.replaceChildren(...contentOf(element.localName, text))
}

/** What is written only when it has changed, so that focus, selection and opened details outlive an update. */
export function onChange<T>(write: (value: T) => void): (value: T) => void {
  let last: string | undefined
  return (value) => {
    const now = JSON.stringify(value) ?? ''
    if (now === last) return
    last = now
    write(value)
  }
}
