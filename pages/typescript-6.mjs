// For `node --import`: whatever asks for TypeScript is given version 6, since 7 has no JavaScript interface.
import { register } from 'node:module'

const hooks = `export const resolve = (specifier, context, next) =>
  next(specifier === 'typescript' ? '@typescript/typescript6' : specifier, context)`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
