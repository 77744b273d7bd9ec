// The browser has no bare module names: the gateway serves the package's own module beside the page's.
export { encode } from 'uqr'
