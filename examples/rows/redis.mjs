// The rows of one account in Redis, by the package ioredis. The server has to keep what it acknowledged: `appendonly yes`, `appendfsync always`.
import { FencedError } from 'baileys-lifeline/rows'

/** Looks at the owner and writes, in one step that nothing comes between. */
const commitScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for at = 2, #ARGV, 4 do
  if ARGV[at + 2] == '1' then redis.call('HSET', KEYS[2] .. ARGV[at], ARGV[at + 1], ARGV[at + 3])
  else redis.call('HDEL', KEYS[2] .. ARGV[at], ARGV[at + 1]) end
end
return 1`

/** `{…}` keeps the keys of an account on one host of a cluster. */
export function redisRows(redis, account) {
  const [owner, below] = [`lifeline:{${account}}:epoch`, `lifeline:{${account}}:`]
  let epoch
  return {
    read: (table, name) => redis.hgetBuffer(below + table, name),
    names: async (table, prefix = '') =>
      (await redis.hkeys(below + table)).filter((name) => name.startsWith(prefix)).sort(),
    commit: async (changes) => {
      const fields = changes.flatMap(({ table, name, content }) => [
        table,
        name,
        content ? 1 : 0,
        Buffer.from(content ?? ''),
      ])
      const counted = epoch !== undefined && (await redis.eval(commitScript, 2, owner, below, epoch, ...fields))
      if (!counted) throw new FencedError(`Redis, account ${account}`)
    },
    claim: async () => {
      epoch = await redis.incr(owner)
    },
    reading: (step) => step(),
    close: async () => {
      epoch = undefined
    },
  }
}
