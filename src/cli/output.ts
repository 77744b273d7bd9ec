import { plainText } from './plain-text.ts'

/** One line on stdout: the command's answer, and nothing else. */
export function print(line: string): void {
  process.stdout.write(`${plainText(line)}\n`)
}

/** One line on stderr: what went wrong, and what is not part of the answer. */
export function complain(line: string): void {
  process.stderr.write(`${plainText(line)}\n`)
}
