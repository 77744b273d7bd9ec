import { h, s } from './element.ts'

/** The name of the page, with its mark. */
export const wordmark = (): HTMLElement =>
  h(
    'p',
    { class: 'wordmark' },
    s('svg', { viewBox: '0 0 32 20', 'aria-hidden': 'true' }, s('path', { d: 'M1 11h7l3-8 5 15 4-9 2 2h9' })),
    'Lifeline',
  )
