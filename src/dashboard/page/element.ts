/**
 * What an element is given: attributes; `on…` are listeners; `undefined` and `false` leave it out, `true` gives it
 * without a value.
 */
type Given = Readonly<Record<string, string | number | boolean | undefined | ((event: never) => void)>>
type Child = Node | string | undefined | false

function give(element: Element, given: Given): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2).toLowerCase(), value as EventListener)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value))
  }
}

const present = (children: readonly Child[]): (Node | string)[] =>
  children.filter((child) => child !== undefined && child !== false)

/** An element of the page. Text goes in as text: nothing here reads HTML from a string. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  given: Given = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  give(element, given)
  element.append(...present(children))
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
  element.append(...present(children))
  return element
}

/**
 * Sets the text, unless it stands there already: an equal text written anew would be read aloud anew and would lose a
 * selection.
 */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
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
