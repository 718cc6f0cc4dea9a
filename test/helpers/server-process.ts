import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/clock.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import type { SimulatedCall } from '../../src/simulator/simulated-call.ts'
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts'
import { openStore } from '../../src/store/open-store.ts'
import { quiet } from './fake-ports.ts'
import { type NodeProcess, nodeProcess } from './node-process.ts'
import { PATIENT } from './scenario-world.ts'
import { expect, onTestFinished } from './together.ts'

const SERVER = fileURLToPath(new URL('../../src/server.ts', import.meta.url))

export type ServerProcess = NodeProcess & {
  readonly url: string
  readonly port: number
}

/** The simulated vendors and people, and a folder for servers that are processes of their own. Everything runs in real time. */
export async function processWorld(scenarios: readonly Scenario[]) {
  const simulator = await startSimulator({ clock: systemClock, scenarios })
  const folder = mkdtempSync(join(tmpdir(), 'parley-process-'))
  onTestFinished(async () => {
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  })
  /** Resolves when it listens. */
  const start = async (
    environment: Readonly<Record<string, string>> = {},
    nodeArgs: readonly string[] = [],
  ) => {
    const env = {
      ...simulator.environment,
      ...PATIENT,
      DATABASE_URL: `file:${join(folder, 'parley.db')}`,
      RECORDINGS_DIR: join(folder, 'recordings'),
      HOST: '127.0.0.1',
      PORT: '0',
      ...environment,
    }
    const server = await listening(nodeProcess([...nodeArgs, SERVER], { env, cwd: folder }))
    simulator.serverAt(server.url)
    return server
  }
  /** A call as it is on record when its process is over. */
  const onRecord = async (callId: string) => {
    const surroundings = { clock: systemClock, log: quiet }
    const store = await openStore(`file:${join(folder, 'parley.db')}`, surroundings)
    try {
      return await store.get(callId)
    } finally {
      await store.close()
    }
  }
  return { simulator, start, onRecord }
}

async function listening(server: NodeProcess): Promise<ServerProcess> {
  await expect.poll(() => server.output(), { timeout: 20_000 }).toMatch(/"url":"[^"]+"/)
  const url = /"url":"([^"]+)"/.exec(server.output())?.[1] ?? ''
  return { ...server, url, port: Number(new URL(url).port) }
}

/** A document on another host, to which Twilio turns while the server is away: it waits, and asks the server again. */
export async function staticFallback(publicHost: string): Promise<string> {
  const document =
    '<Response><Pause length="1"/>' +
    `<Redirect method="POST">https://${publicHost}/api/phone/twilio/voice</Redirect></Response>`
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' }).end(document)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fallback`
}

/** The longest time in which the person, after `afterMs` of the call, heard nothing of the agent and said nothing. */
export function longestQuietMs(call: SimulatedCall, afterMs: number): number {
  const sounds = [...call.heard, ...call.said]
    .filter(({ endMs }) => endMs >= afterMs)
    .sort((a, b) => a.startMs - b.startMs)
  let longest = 0
  let until = afterMs
  for (const { startMs, endMs } of sounds) {
    longest = Math.max(longest, startMs - until)
    until = Math.max(until, endMs)
  }
  return longest
}

/** Twilio's codes of what went wrong, without those that a server must cause which is not there. */
export function unexpected({ violations }: Simulator): readonly unknown[] {
  const expected = /^(11200|11205|15003|31902|31903|31921) /
  return violations.list.filter(({ rule }) => !expected.test(rule))
}
