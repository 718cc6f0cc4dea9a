import { systemClock } from '../src/clock.ts'
import { compose } from '../src/compose.ts'
import { parseConfig } from '../src/config.ts'
import { createLogger } from '../src/log.ts'
import { watchUsage } from './process-usage.ts'
import type { ServerQuestions } from './server-questions.ts'
import { answerParent } from './worker.ts'

/** Parley as `src/server.ts` runs it, which also tells its parent what the process uses. */
const usage = watchUsage()
const config = parseConfig(process.env)
const log = createLogger({ level: config.LOG_LEVEL, showPii: config.LOG_PII })
const parley = await compose(config, { log, clock: systemClock })
const url = await parley.app.listen({ host: config.HOST, port: config.PORT })
answerParent<ServerQuestions>({ url: () => url, usage }, () => parley.close())
