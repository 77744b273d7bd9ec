/** All that moves the cursor, names the window, hides or reverses text; our own colours are what is left. */
const commands = /\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu
const begins = String.fromCharCode(0x1b)
const colour = new RegExp(`${begins}\\[[0-9;]{0,20}m|[\\n\\t]`, 'gu')

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * A text for a terminal in which names and files of others may stand: what a terminal would take for a command is
 * spelt out. In JSON it means the same as before.
 */
export function plainText(text: string): string {
  const kept = text.match(colour) ?? []
  return text
    .split(colour)
    .map((part, at) => part.replace(commands, escaped) + (kept[at] ?? ''))
    .join('')
}
