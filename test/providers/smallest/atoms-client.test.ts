import type { Scenario } from '../../../src/simulator/scenario.ts'
import { dentist } from '../../../src/simulator/scenarios/dentist.ts'
import { smallestWorld } from '../../helpers/smallest.ts'
import { describe, expect, it } from '../../helpers/together.ts'

const scenario: Scenario = {
  ...dentist,
  person: { answer: 'yes', ringMs: 200, does: [{ say: 'Yes, Thursday.' }, { say: 'Bye!' }] },
}
const asked = (agentId: string) => ({
  agentId,
  phoneNumber: dentist.call.phone_number,
  variables: { callee_name: 'John', attempts: 1, urgent: false },
})

describe('a call that Atoms carries', () => {
  it('is started, followed as it happens, and looked up', async () => {
    const { atoms, smallest } = await smallestWorld({ scenarios: [scenario] })
    const { conversationId } = await atoms.startOutboundCall(asked(smallest.agentId))
    expect(conversationId).toMatch(/^CALL-\d{13}-[0-9a-f]{6}$/)
    const events: string[] = []
    for await (const event of atoms.subscribeToLiveEvents(conversationId)) {
      events.push(event.user_transcription_text ?? event.tts_text ?? event.event_type)
    }
    expect(events[0]).toBe('sse_init')
    expect(events).toContain('Yes, Thursday.')
    expect(events.at(-1)).toBe('sse_close')
    const log = await atoms.getConversationLogs(conversationId)
    expect(log).toMatchObject({ status: 'completed', to: dentist.call.phone_number })
    expect(log.variables).toEqual({ callee_name: 'John', attempts: 1, urgent: false })
    expect(log.transcript.map(({ role }) => role)).toEqual([
      'agent',
      'user',
      'agent',
      'user',
      'agent',
    ])
    expect((await atoms.getConversations()).logs).toHaveLength(1)
    expect((await atoms.searchConversations([conversationId, 'CALL-0'])).logs).toHaveLength(1)
    await expect(atoms.subscribeToLiveEvents(conversationId).next()).rejects.toMatchObject({
      code: 'rejected',
      vendorCode: '400',
    })
  })

  it('is cancelled while it goes on, and not once it is over', async () => {
    const { atoms, smallest } = await smallestWorld({ scenarios: [scenario] })
    const { conversationId } = await atoms.startOutboundCall(asked(smallest.agentId))
    await atoms.cancelConversation(conversationId)
    await expect
      .poll(async () => (await atoms.getConversationLogs(conversationId)).status)
      .toBe('cancelled')
    const again = atoms.cancelConversation(conversationId)
    await expect(again).rejects.toMatchObject({ code: 'rejected', vendorCode: '400' })
  })

  it.each([
    ['Invalid agent id', { agentId: 'demo' }],
    ['Agent not found', { agentId: 'c'.repeat(24) }],
    ['Invalid phone number', { phoneNumber: '555' }],
    ['Invalid product id', { fromProductId: 'mine' }],
  ])('is refused with the vendor’s words: %s', async (words, wrong) => {
    const { atoms, smallest } = await smallestWorld({ breaks: ['call refused'] })
    await expect(
      atoms.startOutboundCall({ ...asked(smallest.agentId), ...wrong }),
    ).rejects.toMatchObject({
      provider: 'smallest',
      code: 'rejected',
      message: `HTTP 400: ${words}`,
    })
  })
})

describe('a request that fails', () => {
  it.each([
    [401, 'auth'],
    [403, 'auth'],
    [404, 'rejected'],
    [410, 'rejected'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
  ])('with HTTP %i is %s', async (status, code) => {
    const { atoms } = await smallestWorld({ knobs: { refuse: { path: /agent/, status } } })
    const failed = atoms.createAgent({ name: 'x' })
    await expect(failed).rejects.toMatchObject({ code, vendorCode: String(status) })
  })

  it('is sent again when that can do no harm, and a call is never started twice', async () => {
    const { atoms, smallest } = await smallestWorld({
      knobs: { refuse: { path: /conversation/, status: 500, times: 2 } },
    })
    expect((await atoms.getConversations()).logs).toEqual([])
    smallest.knobs.refuse = { path: /outbound/, status: 500, times: 1 }
    await expect(atoms.startOutboundCall(asked(smallest.agentId))).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(smallest.calls()).toHaveLength(0)
  })

  it('never shows the key', async () => {
    const { atoms } = await smallestWorld({ apiKey: 'sm-canary', breaks: ['wrong key'] })
    const error: unknown = await atoms.createAgent({ name: 'x' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'auth' })
    expect(JSON.stringify(error) + String(error)).not.toContain('canary')
  })

  it('takes no longer than it may, and says so; aborting is no failure of the vendor', async () => {
    const { waves, atoms, clock } = await smallestWorld({
      timeoutMs: 500,
      knobs: { voiceFaults: [{ kind: 'silent', times: 9 }] },
    })
    await expect(waves.synthesize({ text: 'Hello', voiceId: 'magnus' })).rejects.toMatchObject({
      code: 'timeout',
    })
    const abort = new AbortController()
    clock.after(100, () => {
      abort.abort(new Error('enough'))
    })
    const events = atoms.subscribeToLiveEvents('CALL-0', {
      signal: AbortSignal.abort(new Error('no')),
    })
    await expect(events.next()).rejects.toThrow('no')
    const pending = waves.synthesize({ text: 'Hello', voiceId: 'magnus' }, { signal: abort.signal })
    await expect(pending).rejects.toThrow('enough')
  })
})

describe('agents and what they know', () => {
  it('are made, found, changed and deleted', async () => {
    const { atoms } = await smallestWorld()
    const id = await atoms.createAgent({
      name: 'Reminder',
      description: 'Confirms appointments',
      language: { default: 'en', supported: ['en', 'es'] },
      synthesizer: { voiceConfig: { model: 'waves_lightning_v3_1', voiceId: 'magnus' } },
      slmModel: 'electron',
    })
    expect(await atoms.getAgentById(id)).toMatchObject({ _id: id, name: 'Reminder' })
    await atoms.updateAgent(id, { name: 'Reminders' })
    expect((await atoms.getAgents(1, 10, 'Reminders')).agents).toMatchObject([{ _id: id }])
    await atoms.deleteAgent(id)
    await expect(atoms.getAgentById(id)).rejects.toMatchObject({ vendorCode: '404' })
  })

  it('refuse the models of another time', async () => {
    const { atoms } = await smallestWorld()
    await expect(atoms.createAgent({ name: 'x', slmModel: 'electron-v1' })).rejects.toMatchObject({
      code: 'rejected',
      message: 'HTTP 400: Invalid slmModel',
    })
  })

  it('learn from texts and PDFs, and forget', async () => {
    const { atoms, smallest } = await smallestWorld()
    const base = await atoms.createKnowledgeBase({ name: 'Practice' })
    await atoms.uploadTextToKnowledgeBase(base, { title: 'Hours', content: 'Nine to five.' })
    // A view of a larger memory: nothing around it leaves.
    const bytes = Buffer.from('secret%PDF-1.4secret').subarray(6, 14)
    await atoms.uploadMediaToKnowledgeBase(base, { name: 'prices.pdf', bytes })
    await atoms.attachKnowledgeBase(smallest.agentId, base)
    expect(smallest.account.knows(smallest.agentId)).toMatchObject([
      { title: 'Hours' },
      { fileName: 'prices.pdf', bytes: 8 },
    ])
    const word = atoms.uploadMediaToKnowledgeBase(base, { name: 'prices.docx', bytes })
    await expect(word).rejects.toMatchObject({ message: 'HTTP 400: Only PDF files are supported' })
    const items = await atoms.getKnowledgeBaseItems(base)
    await atoms.deleteKnowledgeBaseItem(base, items[0]?._id ?? '')
    expect(await atoms.getKnowledgeBaseItems(base)).toHaveLength(1)
    expect(await atoms.getKnowledgeBaseById(base)).toMatchObject({ name: 'Practice' })
    await atoms.deleteKnowledgeBase(base)
    expect(await atoms.getKnowledgeBases()).toEqual([])
    await expect(atoms.createKnowledgeBase({ name: 'x'.repeat(41) })).rejects.toMatchObject({
      code: 'rejected',
    })
  })

  it('report to a webhook, which cannot be deleted while they do', async () => {
    const { atoms, smallest } = await smallestWorld()
    const endpoint = 'https://example.com/atoms'
    const webhookId = await atoms.createWebhook({ endpoint, description: 'calls' })
    await atoms.subscribeAgent(smallest.agentId, { webhookId, eventTypes: ['post-conversation'] })
    expect(smallest.account.endpointsFor(smallest.agentId, 'post-conversation')).toEqual([endpoint])
    await expect(atoms.deleteWebhook(webhookId)).rejects.toMatchObject({ vendorCode: '400' })
  })
})
