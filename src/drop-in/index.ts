export type { SuperviseOptions } from './line-options.ts'
export { supervise } from './supervise.ts'
