let said = document.title
let held: string | undefined

/** What stands in the title, unless something holds it. */
export function entitle(text: string): void {
  said = text
  document.title = held ?? said
}

/** Holds the title until the returned function is called: then it is what was said last. */
export function holdTitle(text: string): () => void {
  held = text
  document.title = text
  return () => {
    held = undefined
    document.title = said
  }
}
