export const connect = () => new Promise(() => undefined)
