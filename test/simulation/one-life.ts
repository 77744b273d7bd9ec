import { type LifeOptions, live } from './life.ts'

// A process that lives what it is told, one life after the other.

process.on('message', (options: LifeOptions) => {
  void live(options).then((outcome) => process.send?.(outcome))
})
