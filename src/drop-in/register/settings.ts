import type { DashboardOptions } from '../../dashboard/options.ts'
import type { SuperviseOptions } from '../index.ts'

/** Where `lifeline exec` tells the program that it starts what to do, as JSON. */
export const settingsVariable = 'LIFELINE_EXEC'
/**
 * The process that a program ends with: `lifeline exec` where it could not be replaced by the program, else the shell
 * of npm, and after slashes the process whose parent that was, and npm.
 */
export const parentVariable = 'LIFELINE_EXEC_PARENT'
/** Signs what is posted to a webhook that a flag named. */
export const webhookSecretVariable = 'LIFELINE_WEBHOOK_SECRET'
/** The path of a module with options. */
export const configVariable = 'LIFELINE_CONFIG'

export interface DashboardSettings extends DashboardOptions {
  /** Default 4747; 0: any that is free. */
  readonly port?: number
  /** Default: this machine alone. */
  readonly host?: string
}

/** What the module of `--config` exports: the options of `supervise`, and where the dashboard is served. */
export interface ExecConfig extends SuperviseOptions {
  /** `true`: on this machine, on the usual port. Default: none. */
  readonly dashboard?: boolean | DashboardSettings
  /** Ends the process with exit code 75 after this many connections in a row that were dead and brought no message. */
  readonly exitWhenDeaf?: number
}

/** What flags say: all that fits into JSON. */
export interface Settings
  extends Pick<ExecConfig, 'policy' | 'mode' | 'expectedNumber' | 'language' | 'dashboard' | 'exitWhenDeaf'> {
  /** Its secret stands in the environment. */
  readonly webhook?: { readonly url: string }
  readonly inspect?: boolean
}

export function settingsIn(env: NodeJS.ProcessEnv): Settings {
  const text = env[settingsVariable]
  return text === undefined || text === '' ? {} : (JSON.parse(text) as Settings)
}
