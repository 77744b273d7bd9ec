/** What a host tells, as it is sealed: who told it, and when by the database's clock. */
interface Letter {
  readonly from: string
  readonly at: number
  readonly content: unknown
}

/** So far may what a row says of its time be from what is sealed in it, in milliseconds. */
export const freshMs = 60_000

export const letterOf = (from: string, at: number, content: unknown): Letter => ({ from, at, content })

/** Undefined for what is none. */
export function letterIn(value: unknown): Letter | undefined {
  if (typeof value !== 'object' || value === null || !('from' in value) || !('at' in value)) return undefined
  const { from, at } = value
  if (typeof from !== 'string' || typeof at !== 'number' || !Number.isFinite(at)) return undefined
  return { from, at, content: 'content' in value ? value.content : undefined }
}

/** Whether a row may be what was told at that time; `at`: as the row says. */
export const isOfItsTime = (letter: Letter, at: number): boolean => Math.abs(letter.at - at) <= freshMs
