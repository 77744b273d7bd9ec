import { closeSync, fsyncSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { LifelineError } from '../errors/errors.ts'
import { readWholeNow } from '../stores/disk/whole-file.ts'
import { freshSecret, sameSecret } from './secret.ts'

/** 128 bits in base64url, and the least that is taken from an owner. */
export const shortestToken = 22

const errnoOf = (error: unknown): string => String(Object(error).code)

/**
 * The token in this file, made on first use: 256 bits, readable by its owner alone. Throws `LifelineError` of code
 * `DASHBOARD_TOKEN_FILE` if it cannot be read or made, if it is too short to be one, or if other users may read it.
 */
export function tokenIn(file: string): string {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    return made(file) ?? kept(file)
  } catch (error) {
    if (error instanceof LifelineError) throw error
    throw new LifelineError(
      'DASHBOARD_TOKEN_FILE',
      `The token of the dashboard cannot be kept in ${file}: ${errnoOf(error)}.`,
      'Check space and permissions there, or give the option tokenFile another place.',
      error,
    )
  }
}

function made(file: string): string | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'wx', 0o600)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return undefined
    throw error
  }
  const token = freshSecret()
  try {
    writeSync(descriptor, `${token}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return token
}

function kept(file: string): string {
  const token = readWholeNow(file).toString('utf8').trim()
  if (token.length < shortestToken)
    throw new LifelineError(
      'DASHBOARD_TOKEN_FILE',
      `${file} holds no token.`,
      'Delete the file: a new token is made at the next start.',
    )
  // Windows has no such rights; there the folder's access list decides.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new LifelineError(
      'DASHBOARD_TOKEN_FILE',
      `${file} can be read by other users of this machine.`,
      `Delete it, so that a new token is made at the next start, or run chmod 600 ${file} if nobody else has seen it.`,
    )
  return token
}

/** Whether what came is the token, compared in constant time. */
export const isToken = (given: string, token: string | undefined): boolean =>
  token !== undefined && given.length <= 1_000 && sameSecret(given, token)
