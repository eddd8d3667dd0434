import type { ClientReply } from '../client-reply.ts'
import { GatewayError } from '../errors.ts'
import type { GatewayRequest } from '../request.ts'
import type { BodyConsumer, UpstreamAnswer } from '../upstream/answer.ts'
import { decompressing } from '../upstream/decompress.ts'

/** A provider ends the body with the reply, or in the next packet; the caller is not kept waiting longer than this. Milliseconds. */
const patience = 20

/** After that long a connection that the provider leaves open is given up. Milliseconds. */
const lingering = 1_000

export interface StreamReader {
  /** Answers false when the caller reads more slowly than the provider sends. May throw. */
  data(chunk: Buffer): boolean
  /** The provider has ended the body. May throw. */
  rest(): void
  /** True when the reply is whole, or has failed by the provider's own word, so that nothing more needs to be waited for. */
  ended(): boolean
}

/** Reads a streamed body to its end with back-pressure. Resolves with the error that broke it off, or undefined; rejects only for an unknown encoding. */
export function consumeStream(request: GatewayRequest, answer: UpstreamAnswer, client: ClientReply, reader: StreamReader): Promise<GatewayError | undefined> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    let over = false
    const finish = (error: GatewayError | undefined): void => {
      if (over) return
      over = true
      if (error) answer.abort(error)
      resolve(error)
    }
    const guarded = (step: () => boolean): boolean => {
      if (over) return true
      try {
        return step()
      } catch (error) {
        const failure = GatewayError.is(error) ? error : new GatewayError('TKL_UPSTREAM_MALFORMED', 'The provider’s stream cannot be read.', { cause: error })
        finish(failure)
        return true
      }
    }
    const consumer: BodyConsumer = {
      data: (chunk) =>
        guarded(() => {
          const more = reader.data(chunk)
          if (timer === undefined && reader.ended())
            timer = setTimeout(() => {
              finish(undefined)
              timer = setTimeout(
                () => answer.abort(new GatewayError('TKL_UPSTREAM_CUT', 'The provider kept its connection open after the reply.')),
                lingering,
              ).unref()
            }, patience)
          return more
        }),
      end: () => {
        clearTimeout(timer)
        guarded(() => {
          reader.rest()
          return true
        })
        finish(undefined)
      },
      error: (error) => {
        clearTimeout(timer)
        finish(reader.ended() && !request.gone ? undefined : error)
      },
    }
    client.onDrain = () => answer.resume()
    answer.consume(decoded(answer, consumer))
  })
}

function decoded(answer: UpstreamAnswer, consumer: BodyConsumer): BodyConsumer {
  const encoding = answer.header('content-encoding')
  return encoding === undefined || encoding === 'identity' ? consumer : decompressing(encoding, consumer, () => answer.resume())
}
