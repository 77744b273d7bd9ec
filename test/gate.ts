/** A step that waits until it is let go. */
export function gate(): { readonly reached: Promise<void>; readonly pass: () => void; wait(): Promise<void> } {
  const [reached, reach] = signal()
  const [open, pass] = signal()
  return {
    reached,
    pass,
    wait() {
      reach()
      return open
    },
  }
}

/** What is waited for, and how it comes. */
export function signal(): [Promise<void>, () => void] {
  let set: () => void = () => undefined
  const promise = new Promise<void>((resolve) => {
    set = resolve
  })
  return [promise, () => set()]
}
