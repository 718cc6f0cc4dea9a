import cors from '@fastify/cors'
import { MastraServer } from '@mastra/fastify'
import type { Mastra } from '@mastra/core'
import type { FastifyPluginCallback, onRequestAsyncHookHandler } from 'fastify'
import { credentialsOf } from '../../routes/credentials.ts'
import type { Caller } from './caller.ts'

export type MastraApiParts = {
  readonly mastra: Mastra
  /** Mastra's server lets everybody in. */
  readonly guard: onRequestAsyncHookHandler
  /** In whose name its tools act. */
  readonly caller: Caller
  /** Where pages come from that may use it from a browser: those of Studio. Undefined: none. */
  readonly studioOrigin: string | undefined
}

/** Where it is; agents, tools and workflows of Mastra are below it. */
export const MASTRA_PREFIX = '/mastra'

/**
 * Mastra's own API, as a plugin that keeps to itself: its server replaces the parser of JSON and hooks into every request of the app
 * that it is given.
 */
export function mastraApi(parts: MastraApiParts): FastifyPluginCallback {
  const { mastra, guard, caller, studioOrigin } = parts
  return (app, _, done) => {
    if (studioOrigin !== undefined) {
      // Before the guard: a browser asks for permission without a key.
      app.register(cors, {
        origin: new URL(studioOrigin).origin,
        methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        // Studio asks with cookies, of which we have none; without it a browser lets no answer through.
        credentials: true,
      })
    }
    app.register(async (guarded) => {
      guarded.addHook('onRequest', guard)
      guarded.addHook('onRequest', (request, _reply, next) => {
        caller.as(credentialsOf(request), next)
      })
      await new MastraServer({ app: guarded, mastra, prefix: '' }).init()
    })
    done()
  }
}
