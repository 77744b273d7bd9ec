import type { Tone } from './standing.ts'

/** The tab says it too. The same colours as in the style sheet, where both themes of a browser's tabs can bear them. */
const colours: Readonly<Record<Tone, string>> = {
  rest: '#94a1b2',
  working: '#3f83d6',
  open: '#23a05c',
  healing: '#d19413',
  waiting: '#8a63d9',
  person: '#d6447d',
  unknown: '#94a1b2',
}

let shown = ''

/** `people`: how many accounts need somebody; the icon has a badge while one does. */
export function showFavicon(tone: Tone, people: number): void {
  const now = `${tone} ${people}`
  if (now === shown) return
  shown = now
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const badge = people > 0 ? '<circle cx="12" cy="4" r="3.6" fill="#d6447d" stroke="#fff" stroke-width="1"/>' : ''
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colours[tone]}"/><path d="M2.5 8.5h2.6l1.5-4 2.6 7 1.6-3h2.7" fill="none" stroke="#fff" stroke-width="1.4" stroke-linejoin="round" stroke-linecap="round"/>${badge}</svg>`
  if (link) link.href = `data:image/svg+xml,${encodeURIComponent(picture)}`
  // The icon of an installed page; a browser that has none for it says nothing.
  void navigator.setAppBadge?.(people).catch(() => undefined)
}
