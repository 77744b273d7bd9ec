import { drawings } from '../../diagrams/drawings.ts'

/** As the machine gives them now; laid out once for all tests, since that takes two seconds. */
export const drawn = await drawings()
