/** The zeros of the digits that people type beside our own: Arabic, Persian and Urdu, Hindi. */
const zeros = [0x660, 0x6f0, 0x966] as const

const westernDigit = (digit: string): string => {
  const code = digit.codePointAt(0) ?? 0
  const zero = zeros.find((first) => code >= first && code < first + 10)
  return zero === undefined ? digit : String(code - zero)
}

/**
 * The digits of a phone number as a person types it, or copies it: with spaces, brackets, dashes of any kind, the marks
 * of direction that phones put around a number, `00` in place of the plus, and the `(0)` that is not dialled from
 * abroad. Undefined if it is none. Country code and number have 15 digits at most (E.164).
 */
export function phoneDigits(typed: string): string | undefined {
  const digits = typed
    .normalize('NFKC')
    .replace(/\p{Nd}/gu, westernDigit)
    .replace(/[\s\p{Cf}\p{Pd}]/gu, '')
    .replace('(0)', '')
    .replace(/[+()./]/g, '')
    .replace(/^00/, '')
  return /^[1-9]\d{5,14}$/.test(digits) ? digits : undefined
}
