import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'

type App = Parameters<FastifyPluginCallbackZod>[0]

/** Of a plugin without it Fastify looks through all modules that are loaded for its name, each time it is registered. */
const DISPLAY_NAME = Symbol.for('fastify.display-name')

/** Routes as a plugin: what else they set up is theirs alone. */
export function routes(name: string, add: (app: App) => void): FastifyPluginCallbackZod {
  const plugin: FastifyPluginCallbackZod = (app, _, done) => {
    add(app)
    done()
  }
  return Object.assign(plugin, { [DISPLAY_NAME]: name })
}
