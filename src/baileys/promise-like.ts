/**
 * Whether what a method gave back has to be waited for. Not `instanceof`: a fork, or a store that somebody else wrote,
 * may bring promises of its own.
 */
export const isPromiseLike = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
