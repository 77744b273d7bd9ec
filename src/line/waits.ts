import type { Status } from '../../machines/index.ts'
import { LifelineError } from '../errors/errors.ts'

/** The part of a line that can be waited on. */
export interface Waitable {
  readonly status: Status
  on(event: 'status', listener: (status: Status) => void): () => void
}

/** Nothing goes on until a person has acted. */
export const needsPerson = ({ userAction, state }: Status): boolean =>
  userAction !== 'none' && userAction !== 'wait' && state !== 'healthy'

/**
 * Resolves once the line is healthy; rejects with the reason when a person is needed, when supervision is stopped, or
 * on abort.
 */
export async function untilHealthy(line: Waitable, isOpen: () => boolean, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const offs: (() => void)[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      const judge = (status: Status) => {
        if (status.state === 'healthy' && isOpen()) resolve()
        else if (status.state === 'stopped')
          reject(new LifelineError('STOPPED', 'Supervision is stopped.', 'Call start().'))
        else if (needsPerson(status))
          reject(new LifelineError('PERSON_NEEDED', status.message, status.remediation ?? 'See status.userAction.'))
      }
      const aborted = () => reject(signal?.reason)
      signal?.addEventListener('abort', aborted)
      offs.push(() => signal?.removeEventListener('abort', aborted), line.on('status', judge))
      judge(line.status)
    })
  } finally {
    for (const off of offs) off()
  }
}

/** The first status, from now on, for which this holds; after `withinMs`, if given, the status of that moment. */
export function untilStatus(line: Waitable, isMet: (status: Status) => boolean, withinMs?: number): Promise<Status> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    const settle = (status: Status) => {
      off()
      clearTimeout(timer)
      resolve(status)
    }
    const judge = (status: Status) => {
      if (isMet(status)) settle(status)
    }
    const off = line.on('status', judge)
    if (withinMs !== undefined) timer = setTimeout(() => settle(line.status), withinMs)
    judge(line.status)
  })
}
