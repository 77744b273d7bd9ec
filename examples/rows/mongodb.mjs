// The rows of one account in MongoDB, by the package mongodb. Transactions need a replica set, of one server at least.
import { FencedError } from 'baileys-lifeline/rows'

export function mongodbRows(client, account, database = 'lifeline') {
  const items = client.db(database).collection('item')
  const owners = client.db(database).collection('owner')
  const majority = { writeConcern: { w: 'majority', j: true } }
  const idOf = (table, name) => ({ account, table, name })
  let epoch
  return {
    read: async (table, name) => (await items.findOne({ _id: idOf(table, name) }))?.content.buffer ?? null,
    names: async (table, prefix = '') => {
      // '0' is the character after '/'.
      const below = prefix === '' ? {} : { '_id.name': { $gte: prefix, $lt: `${prefix.slice(0, -1)}0` } }
      const found = await items
        .find({ '_id.account': account, '_id.table': table, ...below }, { projection: { _id: 1 } })
        .toArray()
      return found.map(({ _id }) => _id.name).sort()
    },
    commit: (changes) =>
      client.withSession((session) =>
        session.withTransaction(async () => {
          // Written, not read: of two owners at the same time one has to wait for the other, and then finds that it is none.
          const mine =
            epoch !== undefined &&
            (await owners.updateOne({ _id: account, epoch }, { $inc: { writes: 1 } }, { session }))
          if (!mine || mine.matchedCount === 0) throw new FencedError(`MongoDB, account ${account}`)
          const writes = changes.map(({ table, name, content }) => {
            const filter = { _id: idOf(table, name) }
            if (content === null) return { deleteOne: { filter } }
            return { replaceOne: { filter, replacement: { content: Buffer.from(content) }, upsert: true } }
          })
          if (writes.length > 0) await items.bulkWrite(writes, { session, ordered: true })
        }, majority),
      ),
    claim: async () => {
      await items.createIndex({ '_id.account': 1, '_id.table': 1, '_id.name': 1 })
      const owner = await owners.findOneAndUpdate(
        { _id: account },
        { $inc: { epoch: 1 } },
        { upsert: true, returnDocument: 'after', ...majority },
      )
      epoch = owner.epoch
    },
    reading: (step) => step(),
    close: async () => {
      epoch = undefined
    },
  }
}
