/**
 * The digits of a phone number as a person types it; undefined if it is none. Country code and number have 15 digits at
 * most (E.164).
 */
export function phoneDigits(typed: string): string | undefined {
  const digits = typed.replace(/[\s+()./-]/g, '')
  return /^[1-9]\d{5,14}$/.test(digits) ? digits : undefined
}
