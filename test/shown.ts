import { readdirSync, readFileSync } from 'node:fs'
import { inProject } from './root.ts'

/** The pages that users read, by their path from the top of the project. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync(inProject('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

export const textOf = (page: string): string => readFileSync(inProject(page), 'utf8')

/** What a page shows in one language, block by block. */
export const shown = (page: string, language: string): readonly string[] =>
  [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) => text)

/** The commands of a page that are called by the name of the package, without that name. */
export const commandsOf = (page: string): readonly string[] =>
  ['sh', 'bash']
    .flatMap((language) => shown(page, language))
    .flatMap((block) => block.trim().split('\n'))
    .filter((line) => line.startsWith('npx baileys-lifeline '))
    .map((line) => line.replace('npx baileys-lifeline ', ''))

/** What a page says of commands within its sentences, without the name: `run --qr halves`. */
export const saidOf = (page: string, names: readonly string[]): readonly string[] =>
  [
    ...textOf(page)
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(/`([^`]+)`/g),
  ]
    .map(([, code = '']) => code.replace(/\s+/g, ' ').replace(/^(?:npx baileys-)?lifeline /, ''))
    .filter((code) => names.some((name) => code.startsWith(`${name} `)))
