import { fileURLToPath } from 'node:url'
import { inProject } from './root.ts'

/** While lines are counted, the compiled modules run that the package is made of. */
const counted = process.env.NODE_V8_COVERAGE !== undefined

/** The command as it is shipped. */
export const cli = fileURLToPath(inProject(counted ? 'dist/src/cli/lifeline.js' : 'lib/lifeline.js'))
/** The address of the preload as it is shipped. */
export const register = inProject(counted ? 'dist/src/drop-in/register/register.js' : 'lib/register.cjs').href
