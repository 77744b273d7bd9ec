import { Refusal } from './refusal.ts'

/** More than any request of the page needs. */
const mostBytes = 16 * 1024

const tooLarge = () =>
  new Refusal(413, 'BODY_TOO_LARGE', `The body is larger than ${mostBytes} bytes.`, 'Send only what the action needs.')

/**
 * The JSON object in the body, read no further than it may be long. A form of another site cannot send this type
 * without being asked first.
 */
export async function requestBody(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json *(;|$)/i.test(type))
    throw new Refusal(415, 'BODY_NOT_JSON', 'The body is not said to be JSON.', 'Send content-type: application/json.')
  if (Number(request.headers.get('content-length')) > mostBytes) throw tooLarge()
  const value = parsed(await textOf(request))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Refusal(400, 'BODY_INVALID', 'The body is no JSON object.', 'Send an object, such as {}.')
}

async function textOf(request: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop cancels what is still to come.
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text)
  } catch {
    return undefined
  }
}
