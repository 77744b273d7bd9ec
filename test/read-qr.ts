import jsQR from 'jsqr'

type ReadQr = (
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  /** Default: light on dark is read too. */
  options?: { readonly inversionAttempts: 'dontInvert' },
) => { readonly data: string } | null

/**
 * The text of the QR code in these RGBA pixels; null if none is found. The package's typings name a default that Node
 * does not see as such.
 */
export const readQr = jsQR as unknown as ReadQr
