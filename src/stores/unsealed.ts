/** No JSON begins so, nor does anything that is sealed. */
const mark = Buffer.from([0, 2])

/**
 * A row that stands plain among sealed ones, as its readers are handed it: byte for byte, behind a mark that makes it
 * unreadable to all of them. Whoever has the key seals what he writes, so somebody else has written it.
 */
export const markUnsealed = (content: Uint8Array): Uint8Array => Buffer.concat([mark, content])

export const isUnsealed = (content: Uint8Array): boolean => content[0] === mark[0] && content[1] === mark[1]

/** What is said of such a row, after its name. */
export const unsealedWords =
  'was written into the database without the key: tampering, unless it is from before there was a key'
