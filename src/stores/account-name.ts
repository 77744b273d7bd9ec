import { wrongOption } from '../errors/wrong-option.ts'

const most = 200

/** In any script. What no name holds: control characters, and halves of characters, which a database would make one. */
const unfit = /[\p{Cc}\p{Cs}]/u

/** The name of an account, or throws `OptionsError` with the path of the option. */
export function accountName(path: string, name: unknown): string {
  if (typeof name === 'string' && name !== '' && name.length <= most && !unfit.test(name)) return name
  throw wrongOption(path, name, `a name of 1 to ${most} characters, without control characters`)
}
