const loaders: ReadonlySet<string> = new Set(['--loader', '--experimental-loader'])
const required: ReadonlySet<string> = new Set(['--require', '-r'])
const ownPreload = /(?:baileys-lifeline[\\/]+register|[\\/]register\.c?js)$/

/**
 * Whether this preload is the first code here that is not Node's own: whoever came before may have given its loader
 * hooks already. Required preloads come before imported ones, those of `NODE_OPTIONS` before those of the command line;
 * one that the program itself imports comes after all of them.
 */
export function isFirstPreload(
  argv: readonly string[] = process.execArgv,
  options = process.env.NODE_OPTIONS,
): boolean {
  const flags = [...wordsOf(options ?? ''), ...argv].flatMap((word, at, words) => {
    const [name = '', ...rest] = word.split('=')
    return { name, what: rest.length > 0 ? rest.join('=') : (words[at + 1] ?? '') }
  })
  if (flags.some(({ name }) => loaders.has(name))) return false
  const first = flags.find(({ name }) => required.has(name)) ?? flags.find(({ name }) => name === '--import')
  return first !== undefined && ownPreload.test(first.what)
}

/** As Node reads them: a space within quotes parts nothing. */
const wordsOf = (options: string): readonly string[] =>
  (options.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []).map((word) => word.replace(/"|\\(?=["\\])/g, ''))
