import { expect, test } from 'vitest'
import type { Notice } from '../../src/notices/notice.ts'
import { noticesIn } from '../../src/notices/spoken.ts'

const notice: Notice = {
  id: '1',
  account: 'shop',
  kind: 'relink-needed',
  at: 0,
  details: { reason: 'logged-out' },
  message: 'The phone or WhatsApp unlinked this device. No code is shown at the moment.',
  remediation: 'No code comes by itself. Ask for one with relink() or requestPairingCode().',
}

test('a notice is told in the language of the option, its kind and details as they were', () => {
  expect(noticesIn('de')(notice)).toEqual({
    ...notice,
    message: 'Das Telefon oder WhatsApp hat dieses Gerät entfernt. Im Moment wird kein Code gezeigt.',
    remediation: 'Von selbst kommt kein Code. Fordere einen an mit relink() oder requestPairingCode().',
  })
  expect(noticesIn('en')(notice)).toBe(notice)
})
