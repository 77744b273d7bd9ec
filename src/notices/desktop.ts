import type { NoticeKind } from '../../machines/index.ts'
import { OptionsError } from '../errors/errors.ts'
import { knownOptions } from '../errors/wrong-option.ts'
import { programChannel } from './command.ts'
import { kindsOption } from './kinds-option.ts'
import type { NoticeChannel } from './notifier.ts'
import type { Run } from './program.ts'

/** Options of `desktop`. */
export interface DesktopOptions {
  /** Only these kinds of notices. Default all. */
  readonly kinds?: readonly NoticeKind[]
}

type Program = (title: string, text: string) => Pick<Run, 'argv' | 'env'>

const notifySend: Program = (title, text) => ({
  argv: ['notify-send', '--app-name=baileys-lifeline', '--', title, text],
})

/** AppleScript takes the texts as arguments, so nothing in them is code. */
const appleScript = [
  'on run argv',
  'display notification (item 2 of argv) with title (item 1 of argv)',
  'end run',
].flatMap((line) => ['-e', line])

/**
 * A toast of Windows' own; the texts come by the environment and are set as text, so nothing in them is code or markup.
 */
const toast = `
$ErrorActionPreference = 'Stop'
[Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime] | Out-Null
$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$texts = $xml.GetElementsByTagName('text')
$texts.Item(0).AppendChild($xml.CreateTextNode($env:LIFELINE_TITLE)) | Out-Null
$texts.Item(1).AppendChild($xml.CreateTextNode($env:LIFELINE_TEXT)) | Out-Null
$app = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($app).Show([Windows.UI.Notifications.ToastNotification]::new($xml))
`

/**
 * What shows a notification, by platform. Each comes with the system; on Linux it is the package libnotify-bin or
 * libnotify.
 */
const programs: Partial<Readonly<Record<NodeJS.Platform, Program>>> = {
  linux: notifySend,
  freebsd: notifySend,
  openbsd: notifySend,
  darwin: (title, text) => ({ argv: ['osascript', ...appleScript, title, text] }),
  win32: (title, text) => ({
    argv: ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', toast],
    env: { LIFELINE_TITLE: title, LIFELINE_TEXT: text },
  }),
}

const timeoutMs = 10_000

/**
 * A notification on this host's desktop, by the system's own program: `notify-send`, `osascript` or PowerShell. Throws
 * `OptionsError` where there is none.
 */
export function desktop(options: DesktopOptions = {}): NoticeChannel {
  return desktopOf(process.platform, options)
}

/** {@link desktop} for any platform; not part of the package's entry point. */
export function desktopOf(platform: NodeJS.Platform, options: DesktopOptions = {}): NoticeChannel {
  knownOptions('desktop', options, ['kinds'])
  const program = programs[platform]
  if (!program)
    throw new OptionsError(
      'notify',
      `desktop() cannot show notifications on ${platform}.`,
      'Use command() with a program that does, or webhook().',
    )
  return programChannel('desktop', kindsOption('desktop', options.kinds), ({ account, message, remediation }) => ({
    ...program(`WhatsApp ${account}`, remediation === undefined ? message : `${message}\n${remediation}`),
    stdin: '',
    timeoutMs,
  }))
}
