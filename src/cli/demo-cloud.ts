import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { styleText } from 'node:util'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { AtomsCall } from '../simulator/atoms-call.ts'
import { listenOnLoopback } from '../simulator/loopback.ts'
import type { Scenario } from '../simulator/scenario.ts'
import { type Api, follow } from './api-client.ts'
import { type CallJson, closedRecord, placeCall } from './call-record.ts'
import type { DemoWorld } from './demo-world.ts'
import { EventJson, lineOf } from './event-lines.ts'

export type CloudDemo = {
  readonly record: CallJson
  /** Every status that the service has had the call in. */
  readonly statuses: readonly string[]
  /** Everything that is wrong, as sentences; empty when nothing is. */
  readonly problems: readonly string[]
}

const WEBHOOKS = ['call.started', 'call.answered', 'call.ended', 'call.outcome']
/** For the last webhook to be sent; on slow machines too. */
const WEBHOOK_TIMEOUT_MS = 30_000
const Webhook = z.looseObject({ type: z.string() })
const Transcript = z.looseObject({ transcript: z.array(z.looseObject({ content: z.string() })) })

/** Carries out a scenario whose call another service carries, and tells what happens as the server tells it. */
export async function runCloudCall(
  world: DemoWorld,
  scenario: Scenario,
  { clock, write }: { readonly clock: Clock; readonly write: (line: string) => void },
): Promise<CloudDemo> {
  const webhooks: string[] = []
  const receiver = await listenOnLoopback((request, response) => {
    void json(request).then((body) => {
      const { type } = Webhook.parse(body)
      webhooks.push(type)
      const isSigned = request.headers['webhook-signature'] !== undefined
      write(styleText('magenta', `webhook   ${type}${isSigned ? ', signed' : ''}`))
      response.writeHead(204).end()
    })
  })
  try {
    const callId = await placeCall(world.url, { ...scenario.call, webhook_url: receiver.url })
    const api: Api = { url: world.url, key: undefined }
    const { signal } = new AbortController()
    for await (const { data } of follow(api, `/api/phone/calls/${callId}/events`, { signal })) {
      const line = lineOf(EventJson.parse(JSON.parse(data)))
      if (line !== undefined) write(line)
    }
    const deadline = clock.now() + WEBHOOK_TIMEOUT_MS
    while (webhooks.at(-1) !== 'call.outcome' && clock.now() < deadline) await clock.sleep(50)
    const record = await closedRecord(world.url, callId, clock)
    const call = world.simulator.smallest.calls().at(-1)
    if (!call) throw new Error('the call never reached the service that was to carry it')
    await call.ended
    const problems = problemsOf(world, { record, call, webhooks })
    return { record, statuses: call.statuses, problems }
  } finally {
    await receiver.close()
  }
}

/** What the record, the service's transcript and the webhooks disagree about. */
function problemsOf(
  world: DemoWorld,
  parts: {
    readonly record: CallJson
    readonly call: AtomsCall
    readonly webhooks: readonly string[]
  },
): string[] {
  const { record, call, webhooks } = parts
  const ours = record.transcript.flatMap(({ role, text }) => (role === 'tool' ? [] : [text]))
  const theirs = Transcript.parse(call.log()).transcript.map(({ content }) => content)
  const missing = WEBHOOKS.filter((type) => !webhooks.includes(type))
  return [
    ...(ours.join('\n') === theirs.join('\n') ? [] : ['what was said is not what is on record']),
    ...missing.map((type) => `no webhook has told ${type}`),
    ...world.simulator.violations.list.map(
      ({ vendor, rule, detail }) => `${vendor} saw a violation of its protocol: ${rule} ${detail}`,
    ),
  ]
}

/** Keeps the record. There is no sound: none of it was on our lines. */
export async function saveCloudCall(folder: string, { record }: CloudDemo): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'call.json'), `${JSON.stringify(record, undefined, 2)}\n`)
}

/** The end of a demo's output. */
export function cloudReport({ record, statuses, problems }: CloudDemo, folder: string): string {
  return [
    '',
    styleText('bold', 'Record'),
    `${record.status}${record.end_reason ? `, ${record.end_reason}` : ''}`,
    `in the cloud: ${statuses.join(' → ')}`,
    problems.length === 0
      ? styleText('green', 'Every word on record is the word of the service’s own transcript.')
      : styleText('red', problems.map((problem) => `- ${problem}`).join('\n')),
    `The record is in ${folder}`,
  ].join('\n')
}
