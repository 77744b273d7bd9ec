/** More than any file that is read here whole: an account's largest, its history, is dropped past 12 MB. */
export const mostFileBytes = 64 * 1024 * 1024

/** What a person reads of what stands in the place of a file, by the errno of the attempt to read it. */
const words: Readonly<Record<string, string>> = {
  EISDIR: 'is a folder',
  EFTYPE: 'is no regular file: a pipe, a socket or a device',
  ENXIO: 'is no regular file: a pipe, a socket or a device',
  ELOOP: 'is a link that leads nowhere',
  EFBIG: `is larger than ${mostFileBytes / 1024 / 1024} MB`,
}

/**
 * Why nothing can be read there although the disk is well; undefined for any other failure. Such a thing is neither
 * absent nor read, and goes aside.
 */
export const noFileWords = (error: unknown): string | undefined => words[String(Object(error).code)]

const failures = { special: 'EFTYPE', large: 'EFBIG' } as const

/** What a read of such a thing rejects with. Neither errno is told by a system that reads a file. */
export const noFile = (what: keyof typeof failures): Error => {
  const code = failures[what]
  return Object.assign(new Error(`${code}: it ${words[code]}`), { code, syscall: 'read' })
}
