import type { FastifyRequest } from 'fastify'

/** The headers by which a request has shown its key, to be shown again on its behalf. */
export type Credentials = Readonly<Partial<Record<'authorization' | 'x-api-key', string>>>

export function credentialsOf({ headers }: FastifyRequest): Credentials {
  const apiKey = headers['x-api-key']
  return {
    ...(headers.authorization !== undefined && { authorization: headers.authorization }),
    ...(typeof apiKey === 'string' && { 'x-api-key': apiKey }),
  }
}
