import { inProject } from './root.ts'

/** Lets the workers, and every process that a test starts, load the compiled `native-curve` before anything else. */
export default function setup(): void {
  process.env.NODE_OPTIONS =
    `${process.env.NODE_OPTIONS ?? ''} --import=${inProject('dist/test/native-curve.js').href}`.trim()
}
