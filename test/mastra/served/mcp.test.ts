import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dentist } from '../../../src/simulator/scenarios/dentist.ts'
import { silent } from '../../../src/simulator/scenarios/unanswered.ts'
import { scenarioWorld } from '../../helpers/scenario-world.ts'

const KEY = 'mcp-key'
const environment = { MCP_ENABLED: 'true', API_KEYS: `other,${KEY}` }

/** The official client, connected. */
async function connect(url: string, key: string = KEY): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' })
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit }))
  return client
}

/** What a tool has answered, which is JSON. */
async function use(client: Client, name: string, input: object) {
  const { content, isError } = await client.callTool({ name, arguments: { ...input } })
  const [first] = content as { text: string }[]
  return { isError, text: first?.text ?? '', json: jsonOf(first?.text) }
}

function jsonOf(text = ''): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

describe('an MCP client', () => {
  it('places a call, follows it to its end, and learns what came of it', async () => {
    const world = await scenarioWorld([dentist], { environment })
    const client = await connect(world.url)
    onTestFinished(() => client.close())
    expect(client.getServerVersion()).toMatchObject({ name: 'Parley' })
    expect(client.getInstructions()).toContain('start-phone-call')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'get-call',
      'hang-up-call',
      'start-phone-call',
      'wait-for-call',
    ])
    const { phone_number: phoneNumber, action } = dentist.call
    const call = {
      phoneNumber,
      action,
      context: 'Suite 200.',
      calleeName: 'John',
      agentName: 'Alex',
    }
    const placed = await use(client, 'start-phone-call', call)
    expect(placed.json).toMatchObject({ success: true, status: 'queued' })
    const { callId } = placed.json
    const early = await use(client, 'wait-for-call', { callId, timeoutS: 1 })
    expect(early.json).toMatchObject({ isOver: false })
    const over = await use(client, 'wait-for-call', { callId })
    expect(over.json).toMatchObject({
      isOver: true,
      status: 'completed',
      endReason: 'agent_hung_up',
    })
    expect(over.json['transcript']).toContain('caller: Oh hi. Yes, Thursday works for me.')
    expect((await use(client, 'get-call', { callId })).json).toEqual(over.json)
    expect((await use(client, 'hang-up-call', { callId })).json).toMatchObject({
      code: 'call_not_live',
    })
    expect(await use(client, 'start-phone-call', { phoneNumber: '0123', action })).toMatchObject({
      isError: true,
    })
  })

  it('hangs up; and one that goes away while it waits holds up nothing', async () => {
    const world = await scenarioWorld([silent], { environment })
    const client = await connect(world.url)
    const { phone_number: phoneNumber, action } = silent.call
    const { callId } = (await use(client, 'start-phone-call', { phoneNumber, action })).json
    const waiting = use(client, 'wait-for-call', { callId, timeoutS: 900 }).catch(() => 'gone')
    await expect
      .poll(async () => (await use(client, 'get-call', { callId })).json['status'])
      .toBe('in_progress')
    expect((await use(client, 'hang-up-call', { callId })).json).toEqual({ success: true })
    await client.close()
    expect(await waiting).toBe('gone')
    const other = await connect(world.url, 'other')
    onTestFinished(() => other.close())
    const ended = await use(other, 'wait-for-call', { callId })
    expect(ended.json).toMatchObject({ endReason: 'requested' })
  })

  it('without a key is not let in; sessions there are none', async () => {
    const world = await scenarioWorld([dentist], { environment })
    await expect(connect(world.url, 'wrong')).rejects.toThrow(/401|unauthorized/i)
    const headers = { authorization: `Bearer ${KEY}` }
    expect((await fetch(`${world.url}/mcp`, { headers })).status).toBe(405)
    const broken = await fetch(`${world.url}/mcp`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"__proto__": {}}',
    })
    expect(broken.status).toBe(400)
  })

  it('finds nothing where it is not wanted', async () => {
    const world = await scenarioWorld([dentist], { environment: { API_KEYS: KEY } })
    await expect(connect(world.url)).rejects.toThrow(/not_found/)
  })
})
