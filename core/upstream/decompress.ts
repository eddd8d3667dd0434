import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { GatewayError } from '../errors.ts'
import type { BodyConsumer } from './answer.ts'

const decoders = { gzip: createGunzip, 'x-gzip': createGunzip, br: createBrotliDecompress, deflate: createInflate }

/**
 * Providers are asked for identity; one that compresses all the same is decompressed here.
 * Throws GatewayError `TKL_UPSTREAM_MALFORMED` for an encoding that is none of gzip, br and deflate.
 */
export function decompressing(encoding: string, inner: BodyConsumer, resume: () => void): BodyConsumer {
  const create = decoders[encoding.trim().toLowerCase() as keyof typeof decoders]
  if (!create) throw new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider’s answer has the content-encoding "${encoding}", which was not asked for.`)
  const decoder = create()
  decoder.on('data', (chunk: Buffer) => {
    inner.data(chunk)
  })
  decoder.on('end', () => inner.end())
  decoder.on('error', (error) => inner.error(new GatewayError('TKL_UPSTREAM_MALFORMED', `The provider’s answer is not valid ${encoding}.`, { cause: error })))
  decoder.on('drain', resume)
  return {
    data: (chunk) => decoder.write(chunk),
    end: () => void decoder.end(),
    error: (error) => {
      decoder.destroy()
      inner.error(error)
    },
  }
}
