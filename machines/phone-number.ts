/**
 * Countries whose mobile numbers WhatsApp knows in two forms, one with a digit that the other lacks. An account keeps
 * the form that it was registered with, so the owner's number and the server's may differ in just that digit.
 */
const twoForms: readonly (readonly [long: RegExp, short: string])[] = [
  [/^55(\d{2})9(\d{8})$/, '55$1$2'], // Brazil: the ninth digit, added in 2012 to 2016
  [/^521(\d{10})$/, '52$1'], // Mexico: the 1 of mobile numbers, dropped in 2019
  [/^549(\d{10})$/, '54$1'], // Argentina: the 9 of mobile numbers when dialled from abroad
]

const oneForm = (digits: string): string => {
  const [long, short] = twoForms.find(([form]) => form.test(digits)) ?? []
  return long === undefined || short === undefined ? digits : digits.replace(long, short)
}

/**
 * The number within the id that an account has on WhatsApp, `4915100000000:3@s.whatsapp.net`; undefined if the id names
 * no number.
 */
export function numberIn(id: string): string | undefined {
  return /^(\d+)(?:[:_]\d+)*@(?:s\.whatsapp\.net|c\.us)$/.exec(id)?.[1]
}

/** Whether two numbers, digits only with their country code, reach the same account. */
export const isSameNumber = (one: string, other: string): boolean => oneForm(one) === oneForm(other)

/** All that is told of a number that is not the owner's own. */
export const endingOf = (digits: string): string => digits.slice(-3)
