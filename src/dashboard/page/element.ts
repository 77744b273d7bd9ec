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

const isolation = /\u2068([^\u2069]*)\u2069/

/** What stands between marks of isolation is put into `<bdi>`. */
const parted = (text: string): (Node | string)[] =>
  text.split(isolation).flatMap((part, at): readonly (Node | string)[] => {
    if (part === '') return []
    if (at % 2 === 0) return [part]
    const name = document.createElement('bdi')
    name.textContent = part
    return [name]
  })

/** Names and codes of others stand in `<bdi>`, as they are. */
const present = (name: string, children: readonly Child[]): (Node | string)[] =>
  children.flatMap((child) => {
    if (child === undefined || child === false) return []
    return typeof child === 'string' && name !== 'bdi' ? parted(marked(child)) : [child]
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

/** The same for a drawing. */
export function s<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  given: Given = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  give(element, given)
  element.append(...present(name, children))
  return element
}

/**
 * Sets the text, unless it stands there already: an equal text written anew would be read aloud anew and would lose a
 * selection.
 */
export function say(element: Element, text: string): void {
  const parts = element.localName === 'bdi' ? [text] : parted(marked(text))
  const said = parts.map((part) => (typeof part === 'string' ? part : part.textContent)).join('')
  if (element.textContent !== said) element.replaceChildren(...parts)
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
