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
