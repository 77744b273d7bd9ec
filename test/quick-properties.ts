import { TestRunner } from 'vitest'

type Collector = ((...args: readonly unknown[]) => void) & { readonly each: unknown }
type Api = Collector & { readonly only: Collector; readonly skip: Collector }

const alone = (api: Collector): Collector =>
  Object.assign((...args: readonly unknown[]) => api(...args), { each: api.each })

/**
 * As it is loaded, @fast-check/vitest makes a `prop` for every order of `only`, `skip`, `concurrent`, `fails` and their
 * like: five seconds of processor time, and hundreds of megabytes that each collection of garbage goes through. It is
 * shown `test`, `test.only` and `test.skip`, which are what is in use.
 */
const done = Symbol.for('lifeline.quickProperties')
if (!(done in TestRunner)) {
  const { createTaskCollector } = TestRunner
  const few = (...given: Parameters<typeof createTaskCollector>) => {
    const api = createTaskCollector(...given) as unknown as Api
    return Object.assign(alone(api), { only: alone(api.only), skip: alone(api.skip) })
  }
  Object.assign(TestRunner, { createTaskCollector: few, [done]: true })
}
