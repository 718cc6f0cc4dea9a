import { createAnthropic } from '@ai-sdk/anthropic'
import { Mastra } from '@mastra/core'
import { LibSQLStore, LibSQLVector } from '@mastra/libsql'
import { type ApiKey, newApiKey, parseApiKeys } from './access/api-key.ts'
import type { CallEvents } from './calls/call-events.ts'
import type { OtherKeeper } from './calls/call-history.ts'
import type { PhoneCalls } from './calls/phone-calls.ts'
import { WebhookSigner } from './calls/webhooks/webhook-signer.ts'
import type { DialGuard } from './calls/dialling/dial-guard.ts'
import type { Clock } from './clock.ts'
import { composeMastraSurroundings } from './compose-mastra-surroundings.ts'
import { atomsClientOf, wavesClientOf } from './compose-smallest.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { createAtomsTools } from './mastra/atoms-tools.ts'
import { CallLearner } from './mastra/call-learner.ts'
import { createCallTools } from './mastra/call-tools.ts'
import { createDispatchAgent } from './mastra/dispatch-agent.ts'
import { makeDatabaseFolder } from './mastra/database-folder.ts'
import { FollowUpInput } from './mastra/follow-up/follow-up-schemas.ts'
import { FollowUpWebhook, type WebhookSender } from './mastra/follow-up/follow-up-webhook.ts'
import { followUpWorkflow } from './mastra/follow-up/follow-up-workflow.ts'
import { ModelJudge } from './mastra/follow-up/model-judge.ts'
import { fetchInProcess, type Injectable } from './mastra/in-process.ts'
import { MemorySweeper } from './mastra/memory-sweeper.ts'
import type { ModelFormParts } from './mastra/model-form.ts'
import { ParleyClient, ParleyError } from './mastra/parley-client.ts'
import { personId } from './mastra/person-id.ts'
import { PersonMemory } from './mastra/person-memory.ts'
import { createPersonTools } from './mastra/person-tools.ts'
import { createWavesTool } from './mastra/waves-tool.ts'
import { type ServedWorkflow, WorkflowRuns } from './mastra/workflow-runs.ts'
import type { EgressGuard } from './providers/egress/egress-guard.ts'
import { WebhookClient } from './providers/webhooks/webhook-client.ts'
import type { WorkflowsPort } from './routes/workflows-port.ts'

/** What Mastra adds to a server. */
export type MastraParts = {
  readonly mastra: Mastra
  readonly workflows: WorkflowsPort
  readonly memory: PersonMemory
  readonly keepers: readonly OtherKeeper[]
  /** The key that the tools of this process use, if keys are needed at all; new in each process. */
  readonly apiKey: ApiKey | undefined
  /** Takes up the runs that an earlier process has left. */
  start(): void
  close(): Promise<void>
}

/** What the tools of this process may do. */
const OWN_SCOPES = ['calls:create', 'calls:read'] as const

type Surroundings = {
  /** Whom Atoms may be asked to ring. */
  readonly guard: Pick<DialGuard, 'allow'>
  readonly egress: EgressGuard
  readonly events: CallEvents
  readonly calls: Pick<PhoneCalls, 'get' | 'doNotCall'>
  /** Not asked for before the server is put together. */
  readonly app: () => Injectable
  readonly clock: Clock
  readonly log: Logger
}

/** Agents, memory and workflows. Loaded only when they are used, and never in the way of a call's audio. */
export async function composeMastra(config: Config, parts: Surroundings): Promise<MastraParts> {
  const { clock, log, events, calls } = parts
  const surroundings = await composeMastraSurroundings(config, parts)
  const { storage, vector } = await openDatabase(config)
  const memory = new PersonMemory({ storage, vector })
  const model = modelOf(config, clock)
  const own = config.API_KEYS.length === 0 ? undefined : newApiKey('mastra', OWN_SCOPES)
  const apiKey = own && parseApiKeys([own.entry]).keys[0]
  const phone = phoneOf(own?.key, parts)
  const learner = new CallLearner({ ...model, memory, records: calls, log })
  const briefing = (phoneNumber: string) => learner.briefing(phoneNumber)
  const judge = new ModelJudge({ ...model, log })
  const webhooks = webhookSenderOf(config, parts)
  const tools = dispatchTools(config, { ...parts, phone, briefing, memory })
  const mastra = new Mastra({
    storage,
    agents: {
      dispatch: createDispatchAgent({ ...model, memory: memory.memory, tools: tools.all }),
      callReader: learner.form.agent,
      followUpJudge: judge.form.agent,
    },
    workflows: {
      callAndFollowUp: followUpWorkflow({
        ...{ phone, briefing, judge, clock },
        webhook: webhooks.sender,
      }),
    },
    ...surroundings.settings,
  })
  const runs = runsOf(mastra.getWorkflow('callAndFollowUp'), phone, parts)
  const unsubscribe = events.subscribe((event) => {
    if (event.type === 'call.ended' || event.type === 'call.outcome') runs.callChanged(event.callId)
    learner.heard(event)
  })
  const days = config.MASTRA_RETENTION_DAYS
  const sweeper = new MemorySweeper({ memory, storage, days, clock, log })
  return {
    ...{ mastra, memory, apiKey },
    workflows: runs,
    keepers: [keeperOf(memory, { runs, learner })],
    start: () => {
      sweeper.start()
      void runs.recover()
    },
    close: async () => {
      unsubscribe()
      await Promise.all([runs.close(), learner.close(), sweeper.stop()])
      await Promise.all([tools.close(), webhooks.close(), memory.memory.settled()])
      await surroundings.close()
      await vector.close()
      await storage.close()
    },
  }
}

/** Leads into the app of this process, by its own routes. */
function phoneOf(apiKey: string | undefined, { app, clock }: Surroundings): ParleyClient {
  return new ParleyClient({
    url: 'http://localhost',
    key: apiKey,
    clock,
    fetch: (input, init) => fetchInProcess(app())(input, init),
  })
}

function runsOf(
  workflow: ServedWorkflow['workflow'],
  phone: ParleyClient,
  { clock, log }: Surroundings,
): WorkflowRuns {
  const resourceOf = (input: unknown) => personId(FollowUpInput.parse(input).call.phone_number)
  return new WorkflowRuns({
    workflows: [{ workflow, input: FollowUpInput, resourceOf }],
    hangUp: (callId) => hangUpIfLive(phone, callId),
    clock,
    log,
  })
}

async function openDatabase({ MASTRA_DATABASE_URL: url, MASTRA_RETENTION_DAYS: days }: Config) {
  await makeDatabaseFolder(url)
  const maxAge = `${days}d` as const
  const storage = new LibSQLStore({
    id: 'parley-mastra',
    url,
    ...(days > 0 && { retention: { workflows: { workflowSnapshot: { maxAge } } } }),
  })
  await storage.init()
  return { storage, vector: new LibSQLVector({ id: 'parley-mastra-vectors', url }) }
}

function modelOf(config: Config, clock: Clock): ModelFormParts {
  const anthropic = createAnthropic({
    apiKey: config.ANTHROPIC_API_KEY,
    baseURL: new URL('/v1', config.ANTHROPIC_BASE_URL).href,
  })
  return { model: anthropic(config.MASTRA_MODEL), modelName: config.MASTRA_MODEL, clock }
}

function dispatchTools(
  config: Config,
  parts: Surroundings & {
    readonly phone: ParleyClient
    readonly briefing: (phoneNumber: string) => Promise<string | undefined>
    readonly memory: PersonMemory
  },
) {
  const { phone, briefing, memory, clock, guard } = parts
  const requiresApproval = config.MASTRA_DIAL_APPROVAL
  const isSmallestThere = config.SMALLEST_API_KEY !== ''
  const atoms = isSmallestThere ? atomsClientOf(config, clock) : undefined
  const waves =
    isSmallestThere && config.WAVES_VOICE_ID !== '' ? wavesClientOf(config, clock) : undefined
  const mayCall = (phoneNumber: string) => guard.allow(phoneNumber)
  const all = {
    ...createCallTools(phone, { requiresApproval, briefing }),
    ...createPersonTools(memory),
    ...(atoms &&
      createAtomsTools(atoms, {
        agentId: config.ATOMS_AGENT_ID || undefined,
        requiresApproval,
        mayCall,
      })),
    ...(waves && {
      wavesTts: createWavesTool(waves, {
        voiceId: config.WAVES_VOICE_ID,
        dir: config.MASTRA_SPEECH_DIR,
      }),
    }),
  }
  return {
    all,
    close: async () => {
      await Promise.all([atoms?.close(), waves?.close()])
    },
  }
}

/** Without a secret none is sent: webhooks are sent signed only. */
function webhookSenderOf(
  { WEBHOOK_SECRET: secret }: Config,
  { egress, clock, log }: Surroundings,
): { readonly sender: WebhookSender; close(): Promise<void> } {
  if (secret === undefined) {
    const sender = { send: () => Promise.resolve('failed' as const) }
    return { sender, close: () => Promise.resolve() }
  }
  const http = new WebhookClient({ dispatcher: egress.dispatcher })
  const signer = new WebhookSigner([secret])
  const sender = new FollowUpWebhook({ http, signer, allowUrl: egress.allows, clock, log })
  return { sender, close: () => http.close() }
}

async function hangUpIfLive(phone: ParleyClient, callId: string): Promise<void> {
  try {
    await phone.hangUp(callId)
  } catch (error) {
    // It is over already, or nobody knows of it any more.
    if (!(error instanceof ParleyError)) throw error
  }
}

function keeperOf(
  memory: PersonMemory,
  { runs, learner }: { readonly runs: WorkflowRuns; readonly learner: CallLearner },
): OtherKeeper {
  return {
    eraseCall: async (callId) => {
      await learner.stop({ callId })
      await memory.eraseCall(callId)
    },
    eraseNumber: async (phoneNumber) => {
      await learner.stop({ phoneNumber })
      await runs.erase(personId(phoneNumber))
      await memory.erase(phoneNumber)
    },
  }
}
