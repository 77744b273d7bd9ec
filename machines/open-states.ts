import type { StateName } from './status.ts'

/** Whether an account in this state is connected: a degraded one still is. */
export const isOpen = (state: StateName): boolean => state === 'healthy' || state === 'degraded'
