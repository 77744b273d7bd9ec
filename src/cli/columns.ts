import { wrap } from '../terminal/wrap.ts'

/** Text beside a margin: the first line after `first`, the others under it. */
export function hang(first: string, text: string, width: number, indent: number): readonly string[] {
  return wrap(text, width - indent).map((line, index) => (index === 0 ? first : ' '.repeat(indent)) + line)
}

/** `0.4 s`, `12.0 s`, `2 min 3 s`. */
export function duration(ms: number): string {
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `812 B`, `3.4 kB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** `a × 2 · b × 1`. */
export function counts(record: Readonly<Record<string, number>>): string {
  const parts = Object.entries(record).map(([what, count]) => `${what} × ${count}`)
  return parts.length === 0 ? 'none' : parts.join(' · ')
}

/** `1 file`, `2 files`. */
export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`
