import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { KeptAnswer } from '../calls/idempotency.ts'
import type { OnceOnly, OnceOnlyWork } from '../calls/once-only.ts'
import { bodyFromSpec, type CallSpec } from '../calls/spec.ts'
import { CallError } from '../errors.ts'
import { callErrorAnswer } from './errors.ts'

/** Others pass: what is not in a schema of headers would be lost. */
export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 printable characters without a space')
    .optional()
    .meta({
      description:
        'The same key with the same body within 24 hours is the same call: it gets the same answer, and rings nobody again. Goes before `idempotency_key`',
      examples: ['appointment-4711'],
    }),
})

/** What was begun by these is not begun again: the phone may have rung. */
const DIALLED = new Set(['dial_refused', 'dial_failed'])

/** Carries out a request for a call: once, if it has an idempotency key. */
export async function answerOnce(
  request: Pick<FastifyRequest, 'user' | 'routeOptions'> & { readonly headers: object },
  reply: FastifyReply,
  options: { readonly once: OnceOnly; readonly spec: CallSpec } & OnceOnlyWork,
): Promise<void> {
  const { once, spec, ...work } = options
  const header = Reflect.get(request.headers, 'idempotency-key') as string | undefined
  const key = header ?? spec.idempotencyKey
  if (key === undefined) {
    await send(reply, await work.carryOut(''))
    return
  }
  const answer = await once.run(
    {
      owner: request.user.name ?? '',
      key,
      fingerprint: fingerprintOf(request.routeOptions.url, spec),
    },
    { ...work, carryOut: (callId) => keptOrThrown(work.carryOut(callId)) },
  )
  if (answer.isReplayed) void reply.header('idempotency-replayed', 'true')
  await send(reply, answer)
}

async function keptOrThrown(working: Promise<KeptAnswer>): Promise<KeptAnswer> {
  try {
    return await working
  } catch (error) {
    if (!(error instanceof CallError) || !DIALLED.has(error.code)) throw error
    const { status, body } = callErrorAnswer(error)
    return { status, body: JSON.stringify(body) }
  }
}

function fingerprintOf(route: string | undefined, spec: CallSpec): string {
  const body = { ...bodyFromSpec(spec), idempotency_key: undefined }
  return createHash('sha256')
    .update(JSON.stringify([route, body]))
    .digest('hex')
}

function send(reply: FastifyReply, { status, body }: KeptAnswer): FastifyReply {
  const answer = JSON.parse(body) as { readonly call_id?: string; readonly voice_url?: string }
  if (answer.call_id !== undefined && answer.voice_url === undefined) {
    void reply.header('location', `/api/phone/calls/${answer.call_id}`)
  }
  return reply.code(status).send(answer)
}
