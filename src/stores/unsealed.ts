/** No JSON begins so, nor does anything that is sealed. */
const unsealedMark = Buffer.from([0, 2])
const putBackMark = Buffer.from([0, 3])

/**
 * A row that stands plain among sealed ones, as its readers are handed it: byte for byte, behind a mark that makes it
 * unreadable to all of them. Whoever has the key seals what he writes, so somebody else has written it.
 */
export const markUnsealed = (content: Uint8Array): Uint8Array => Buffer.concat([unsealedMark, content])

export const isUnsealed = (content: Uint8Array): boolean => beginsWith(content, unsealedMark)

/** The same for a row that was written with the key, and is not the one that was written last. */
export const markPutBack = (content: Uint8Array): Uint8Array => Buffer.concat([putBackMark, content])

/** What is said of such a row, after its name; undefined for any other. */
export const refusedWords = (content: Uint8Array): string | undefined => {
  if (isUnsealed(content)) return unsealedWords
  return beginsWith(content, putBackMark) ? putBackWords : undefined
}

export const unsealedWords =
  'was written into the database without the key: tampering, unless it is from before there was a key'
export const putBackWords = 'is older than what was written last: it was put back'

const beginsWith = (content: Uint8Array, mark: Uint8Array): boolean => content[0] === mark[0] && content[1] === mark[1]
