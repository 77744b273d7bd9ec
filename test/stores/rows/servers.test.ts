import { afterAll, describe, expect, test } from 'vitest'
import { type Rows, rowRules, testRows } from '../../../src/stores/rows/index.ts'
import { inProject } from '../../root.ts'

// The examples of rows in other databases, on a server that is named by its URL and has no such account yet. Their
// packages are no part of this project: npm install --no-save ioredis mongodb

const { REDIS_URL, MONGODB_URL } = process.env
const account = `trial-${process.pid}-${Date.now()}`
const rules = rowRules.map(({ rule }) => rule)
const example = (name: string) => import(inProject(`examples/rows/${name}.mjs`).href)
const driver = (name: string) => import(name)

const closes: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closes) await close()
})

describe.runIf(REDIS_URL)('rows in Redis', () => {
  test('hold to every rule', async () => {
    const { Redis } = await driver('ioredis')
    const { redisRows } = await example('redis')
    const rows = (): Rows => {
      const redis = new Redis(REDIS_URL)
      closes.push(() => redis.quit())
      return redisRows(redis, account)
    }
    expect(await testRows(rows(), rows())).toEqual(rules)
  })
})

describe.runIf(MONGODB_URL)('rows in MongoDB', () => {
  test('hold to every rule', async () => {
    const { MongoClient } = await driver('mongodb')
    const { mongodbRows } = await example('mongodb')
    const rows = async (): Promise<Rows> => {
      const client = await new MongoClient(MONGODB_URL ?? '').connect()
      closes.push(() => client.close())
      return mongodbRows(client, account)
    }
    expect(await testRows(await rows(), await rows())).toEqual(rules)
  })
})
