import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const project = new URL('.', pathToFileURL(createRequire(import.meta.url).resolve('baileys-lifeline/package.json')))

/**
 * A file or folder of the project by its path from the top; tests run from their source and compiled, so their own
 * place tells nothing.
 */
export const inProject = (path: string): URL => new URL(path, project)
