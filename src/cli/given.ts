/** Those of some options that were given: to whoever takes them, one that is undefined is another thing than none. */
export function given<T extends object>(options: T): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
