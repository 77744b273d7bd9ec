import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LifelineError } from '../../errors/errors.ts'
import { wordsOf } from '../../errors/thrown.ts'
import { wrongOption } from '../../errors/wrong-option.ts'
import { checkSuperviseOptions, type SuperviseOptions } from '../line-options.ts'
import type { ExecConfig } from './settings.ts'

/**
 * The options that a module exports, by default or by name. Rejects with `LifelineError` of code `CONFIG_FAILED`, or
 * with `OptionsError` for a wrong one.
 */
export async function configIn(path: string): Promise<ExecConfig> {
  const config = await optionsIn(path)
  checkConfig(config)
  return config
}

/** The same, looked at by nobody yet. */
export async function optionsIn(path: string): Promise<object> {
  const file = resolve(path)
  if (!existsSync(file)) throw failed(`There is no ${path}`, 'Give --config, or LIFELINE_CONFIG, the path of a module')
  let module: object
  try {
    module = await import(pathToFileURL(file).href)
  } catch (error) {
    throw failed(`${path} cannot be loaded: ${wordsOf(error)}`, 'Correct it', error)
  }
  const { default: inner, ...named } = module as { default?: unknown }
  const config: unknown = inner ?? named
  if (typeof config !== 'object' || config === null)
    throw failed(`${path} exports no options`, 'Write export default { policy: { … }, notify: [ … ] }')
  return config
}

/** Throws `OptionsError`. */
export function checkConfig({ dashboard, exitWhenDeaf, ...options }: ExecConfig): void {
  checkSuperviseOptions(options as SuperviseOptions)
  if (
    dashboard !== undefined &&
    typeof dashboard !== 'boolean' &&
    (typeof dashboard !== 'object' || dashboard === null)
  )
    throw wrongOption('dashboard', dashboard, 'true, or an object with port, host and the options of createDashboard')
  if (exitWhenDeaf !== undefined && !(Number.isInteger(exitWhenDeaf) && exitWhenDeaf > 0))
    throw wrongOption('exitWhenDeaf', exitWhenDeaf, 'a whole number from 1')
}

const failed = (message: string, remediation: string, cause?: unknown) =>
  new LifelineError('CONFIG_FAILED', `${message}. Nothing was started.`, `${remediation}.`, cause)
