import { describe, expect, test } from 'vitest'
import { notice, until } from './notices.ts'
import { type Receiver, status } from './receiver.ts'
import { type Resolve, webhookRig } from './webhook-rig.ts'

const rig = webhookRig()

describe('a redirect', () => {
  test('to what is no URL is not followed', async () => {
    rig.receiver.answers.push(status(307, { location: 'http://[' }))
    rig.start().tell(notice('one'))
    await until(() => rig.reports.all.length > 0)
    expect(rig.reports.all[0]).toMatch(/redirects to something that is no URL/)
  })

  const hop = async (code: number, location: (elsewhere: Receiver) => string): Promise<Receiver> => {
    const elsewhere = await rig.another()
    rig.receiver.answers.push(status(code, { location: location(elsewhere) }))
    return elsewhere
  }

  test.each([301, 302, 307, 308])('(%i) into a private address is not followed', async (code) => {
    const elsewhere = await hop(code, ({ url }) => url)
    rig.start().tell(notice('one'))
    await until(() => rig.reports.all.length > 0)
    expect(rig.reports.all[0]).toMatch(/127\.0\.0\.1 is a private address/)
    await rig.nextTry()
    await until(() => rig.receiver.accepted.length === 1)
    expect(elsewhere.tries).toEqual([])
  })

  test('to a name that has a private address is not followed', async () => {
    const elsewhere = await hop(307, ({ port }) => `http://inside.example.org:${port}/`)
    const resolve: Resolve = (_name, _options, answer) => answer(null, [{ address: '127.0.0.1', family: 4 }])
    rig.start({}, { resolve }).tell(notice('one'))
    await until(() => rig.reports.all.length > 0)
    expect(rig.reports.all[0]).toMatch(/inside\.example\.org has the private address 127\.0\.0\.1/)
    expect(elsewhere.tries).toEqual([])
  })

  test.each([301, 302, 307, 308])(
    '(%i) that is allowed is followed with the same signed body, without the own headers',
    async (code) => {
      const elsewhere = await hop(code, ({ url }) => url)
      rig.start({ allowPrivate: true, headers: { authorization: 'Bearer x' } }).tell(notice('one'))
      await until(() => elsewhere.accepted.length === 1)
      expect(rig.receiver.tries[0]?.headers.authorization).toBe('Bearer x')
      expect(elsewhere.tries[0]?.headers.authorization).toBeUndefined()
      expect(elsewhere.messages).toEqual(['one'])
    },
  )

  test('within the same origin is followed', async () => {
    rig.receiver.answers.push(status(307, { location: '/elsewhere' }))
    rig.start().tell(notice('one'))
    await until(() => rig.receiver.accepted.length === 1)
    expect(rig.receiver.tries).toHaveLength(2)
  })
})

describe('a public name', () => {
  const url = () => `http://hooks.example.org:${rig.receiver.port}/`
  const answering = (...addresses: string[]): Resolve & { asked: number } => {
    const resolve = Object.assign(
      (...[, , answer]: Parameters<Resolve>) => {
        resolve.asked += 1
        answer(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        )
      },
      { asked: 0 },
    )
    return resolve
  }

  test('that turns out to have a private address is not dialled', async () => {
    rig.start({ url: url() }, { resolve: answering('127.0.0.1') }).tell(notice('one'))
    await until(() => rig.reports.all.length > 0)
    expect(rig.reports.all[0]).toMatch(/hooks\.example\.org has the private address 127\.0\.0\.1/)
    expect(rig.receiver.tries).toEqual([])
  })

  test('that has a private address beside a public one is not dialled', async () => {
    rig.start({ url: url() }, { resolve: answering('93.184.216.34', '127.0.0.1') }).tell(notice('one'))
    await until(() => rig.reports.all.length > 0)
    expect(rig.receiver.tries).toEqual([])
  })

  test('is resolved once for each try: what was checked is what is dialled', async () => {
    const resolve = answering('127.0.0.1')
    rig.start({ url: url(), allowPrivate: true }, { resolve }).tell(notice('one'))
    await until(() => rig.receiver.accepted.length === 1)
    expect(resolve.asked).toBe(1)
  })
})
