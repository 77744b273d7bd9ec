/** A number between 0 and 2³² for each text, the same on every machine. */
export function drawn(text: string): number {
  let sum = 2_166_136_261
  for (const char of text) sum = Math.imul(sum ^ char.charCodeAt(0), 16_777_619)
  return Math.imul(sum ^ (sum >>> 15), 2_246_822_507) >>> 0
}
