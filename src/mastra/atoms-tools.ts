import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { createTool } from '@mastra/core/tools'
import { z } from 'zod'
import { E164 } from '../calls/spec-parts.ts'
import { orRefused, Refused } from './tool-refusal.ts'

/** What the tools ask of Smallest.ai's Atoms: methods of `AtomsClient`. */
export type AtomsPort = {
  startOutboundCall(call: {
    readonly agentId: string
    readonly phoneNumber: string
    readonly variables?: Readonly<Record<string, string | number | boolean>>
  }): Promise<{ readonly conversationId: string }>
  createAgent(agent: { readonly name: string; readonly description?: string }): Promise<string>
  createKnowledgeBase(base: {
    readonly name: string
    readonly description?: string
  }): Promise<string>
  uploadTextToKnowledgeBase(
    id: string,
    text: { readonly title: string; readonly content: string },
  ): Promise<void>
  uploadMediaToKnowledgeBase(
    id: string,
    pdf: { readonly name: string; readonly bytes: Uint8Array },
  ): Promise<void>
  attachKnowledgeBase(agentId: string, id: string): Promise<void>
}

/** Atoms takes flat values only, and knows a knowledge base by at most so many characters. */
const Variables = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
const MAX_NAME_CHARS = 40

const NO_AGENT: Refused = {
  success: false,
  code: 'no_agent',
  error: 'there is no agent to call with: give an agentId, or set ATOMS_AGENT_ID',
}

/**
 * What a Mastra agent can do with Smallest.ai's Atoms, whose agents hold their calls in Smallest.ai's cloud.
 *
 * @param options.mayCall asked before a phone rings; throws when the number must not be called
 */
export function createAtomsTools(
  atoms: AtomsPort,
  options: {
    readonly agentId?: string | undefined
    readonly requiresApproval?: boolean
    readonly mayCall?: (phoneNumber: string) => Promise<void>
  } = {},
) {
  const startAtomsCall = createTool({
    id: 'start-atoms-call',
    description:
      'Lets an Atoms agent of Smallest.ai ring a number. `success` means that the call is queued, not that anybody answered.',
    inputSchema: z.object({
      phoneNumber: E164.describe('Whom to call, in E.164 form, such as +15551234567'),
      agentId: z.string().optional().describe('Which Atoms agent; default: the configured one'),
      variables: Variables.optional().describe('What the agent is told: flat values only'),
    }),
    outputSchema: z.discriminatedUnion('success', [
      z.object({ success: z.literal(true), conversationId: z.string() }),
      Refused,
    ]),
    requireApproval: options.requiresApproval ?? false,
    execute: ({ phoneNumber, agentId = options.agentId, variables }) =>
      orRefused(async () => {
        if (agentId === undefined) return NO_AGENT
        await options.mayCall?.(phoneNumber)
        const call = { agentId, phoneNumber, ...(variables && { variables }) }
        const { conversationId } = await atoms.startOutboundCall(call)
        return { success: true as const, conversationId }
      }),
  })
  const createAtomsAgent = createTool({
    id: 'create-atoms-agent',
    description: 'Makes a new Atoms agent at Smallest.ai, and returns its id.',
    inputSchema: z.object({
      name: z.string().min(1).max(100),
      description: z.string().max(1000).optional(),
    }),
    outputSchema: z.discriminatedUnion('success', [
      z.object({ success: z.literal(true), agentId: z.string() }),
      Refused,
    ]),
    execute: ({ name, description }) =>
      orRefused(async () => ({
        success: true as const,
        agentId: await atoms.createAgent({ name, ...(description && { description }) }),
      })),
  })
  return {
    startAtomsCall,
    createAtomsAgent,
    addKnowledge: addKnowledgeTool(atoms, options.agentId),
  }
}

function addKnowledgeTool(atoms: AtomsPort, ownAgentId: string | undefined) {
  return createTool({
    id: 'add-knowledge',
    description:
      'Gives an Atoms agent something to know during its calls: a text, or a PDF file of this machine.',
    inputSchema: z
      .object({
        name: z.string().min(1).max(MAX_NAME_CHARS),
        text: z.string().min(1).optional(),
        pdfPath: z.string().optional().describe('A PDF file; nothing else is taken'),
        agentId: z.string().optional().describe('Which agent; default: the configured one'),
      })
      .refine(({ text, pdfPath }) => (text === undefined) !== (pdfPath === undefined), {
        message: 'either a text or a pdfPath',
      }),
    outputSchema: z.discriminatedUnion('success', [
      z.object({ success: z.literal(true), knowledgeBaseId: z.string() }),
      Refused,
    ]),
    execute: ({ name, text, pdfPath, agentId = ownAgentId }) =>
      orRefused(async () => {
        if (agentId === undefined) return NO_AGENT
        const pdf = pdfPath === undefined ? undefined : await pdfAt(pdfPath)
        if (pdf === 'none') return noFile(pdfPath ?? '')
        const id = await atoms.createKnowledgeBase({ name })
        if (pdf) await atoms.uploadMediaToKnowledgeBase(id, pdf)
        else await atoms.uploadTextToKnowledgeBase(id, { title: name, content: text ?? '' })
        await atoms.attachKnowledgeBase(agentId, id)
        return { success: true as const, knowledgeBaseId: id }
      }),
  })
}

/** `none`: there is no such PDF. A model names the path: nothing but a PDF leaves this machine. */
async function pdfAt(path: string): Promise<{ name: string; bytes: Uint8Array } | 'none'> {
  try {
    const bytes = await readFile(path)
    return bytes.subarray(0, 5).toString('latin1') === '%PDF-'
      ? { name: basename(path), bytes }
      : 'none'
  } catch {
    // Whatever keeps it from being read, it is told in one way: a model must not explore the disk.
    return 'none'
  }
}

function noFile(path: string): Refused {
  return { success: false, code: 'no_file', error: `there is no PDF file at ${path}` }
}
