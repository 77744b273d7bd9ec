/** Whether the step ended within the deadline. */
export async function within(ms: number, step: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const done = step().then(
    () => true,
    () => false,
  )
  const ended = await Promise.race([done, late])
  clearTimeout(timer)
  return ended
}

/**
 * `stop()` promises 5 s; what has not ended by then is cut off, and the last of it is left for giving the folder back.
 */
export const stopDeadlineMs = 4_000
export const releaseDeadlineMs = 600
/** What the notice channels have to end, and what of it is left for them if the rest took all of its time. */
export const channelsMostMs = 1_000
export const channelsLeastMs = 300
