import { createTool } from '@mastra/core/tools'
import { z } from 'zod'
import { E164 } from '../calls/spec-parts.ts'
import type { PersonMemory } from './person-memory.ts'

/** How an agent looks up, and notes, what is known of a person. */
export function createPersonTools(memory: PersonMemory) {
  const recallPerson = createTool({
    id: 'recall-person',
    description:
      'What is remembered of a person by their phone number: how they want to be called, and what they said in earlier calls.',
    inputSchema: z.object({
      phoneNumber: E164,
      about: z.string().max(500).optional().describe('Only what was said about this'),
    }),
    outputSchema: z.object({ preferences: z.array(z.string()), said: z.array(z.string()) }),
    execute: async ({ phoneNumber, about }) => {
      const preferences = await memory.preferencesOf(phoneNumber)
      const words =
        about === undefined
          ? await memory.historyOf(phoneNumber, { limit: 20 })
          : await memory.search(phoneNumber, about)
      return { preferences: [...preferences], said: words.map(({ text }) => text) }
    },
  })
  const rememberPerson = createTool({
    id: 'remember-person',
    description: 'Notes how a person wants to be called, for all calls to come.',
    inputSchema: z.object({ phoneNumber: E164, preference: z.string().min(1).max(200) }),
    outputSchema: z.object({ preferences: z.array(z.string()) }),
    execute: async ({ phoneNumber, preference }) => {
      const known = await memory.preferencesOf(phoneNumber)
      await memory.setPreferences(phoneNumber, [preference, ...known])
      return { preferences: [...(await memory.preferencesOf(phoneNumber))] }
    },
  })
  return { recallPerson, rememberPerson }
}
