// The loop of Baileys' example in a thread of its own.
import { Worker } from 'node:worker_threads'

new Worker(new URL('./example.mjs', import.meta.url), { argv: process.argv.slice(2) })
