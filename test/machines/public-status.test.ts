import { expect, test } from 'vitest'
import type { Status } from '../../machines/index.ts'
import { publicStatus } from '../../machines/public-status.ts'

const waiting: Status = {
  ...{ account: 'a', state: 'awaitingQr', since: 0, message: 'It waits for a scan.', userAction: 'scan-code' },
  ...{ attempt: 0, generation: 1 },
}

test('a status with a code tells anybody that there is one, and until when, and not which', () => {
  const qr = { code: 'the-secret-code', number: 3, expiresAt: 7, pairingCode: 'ABCD1234' }
  expect(publicStatus({ ...waiting, qr })).toEqual({ ...waiting, qr: { number: 3, expiresAt: 7 } })
})

test('a status without a code is for anybody as it is', () => {
  expect(publicStatus(waiting)).toStrictEqual(waiting)
})
