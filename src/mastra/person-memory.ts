import type { LibSQLStore, LibSQLVector } from '@mastra/libsql'
import { Memory } from '@mastra/memory'
import { z } from 'zod'
import { hashedEmbedder, hashedVector } from './hashed-embedder.ts'
import { personId } from './person-id.ts'

/** What was said in a call, as it was heard. */
export type RememberedCall = {
  readonly callId: string
  readonly phoneNumber: string
  readonly purpose: string
  readonly at: Date
  readonly turns: readonly { readonly by: 'person' | 'agent'; readonly text: string }[]
}

export type FoundWords = { readonly callId: string; readonly text: string; readonly at: Date }

/** More would be a file about a person, and too much for a prompt. */
const MAX_PREFERENCES = 12
const MAX_PREFERENCE_CHARS = 200
/** Of the search: how many words are looked at before those below the threshold are left out. */
const MAX_FOUND = 20
const MIN_SCORE = 0.15
const PAGE = 100

/** What Mastra's memory keeps with each vector. */
const VectorNote = z.object({
  thread_id: z.string(),
  content: z.string(),
  created_at: z.coerce.date(),
})

/**
 * What is remembered of the people on the phone: what they prefer (working memory, a list that goes into the next call's
 * context) and what was said (history, one thread a call), both under the hash of their number.
 */
export class PersonMemory {
  /** For agents: `memory: { resource: personId(number), thread }`. */
  readonly memory: Memory
  readonly #storage: LibSQLStore
  readonly #vector: LibSQLVector

  constructor(parts: { readonly storage: LibSQLStore; readonly vector: LibSQLVector }) {
    this.#storage = parts.storage
    this.#vector = parts.vector
    this.memory = new Memory({
      ...parts,
      embedder: hashedEmbedder,
      options: {
        messageHistory: { maxTokens: 8000 },
        semanticRecall: { topK: 5, messageRange: 0, scope: 'resource' },
        workingMemory: { enabled: true, scope: 'resource', template: '- (one preference a line)' },
      },
    })
  }

  /** Store: what a person prefers, instead of what was known. The newest come first, and those too many are left out. */
  async setPreferences(phoneNumber: string, preferences: readonly string[]): Promise<void> {
    const lines = preferences
      .map((text) => text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_PREFERENCE_CHARS))
      .filter((text) => text !== '')
    const distinct = Array.from(new Set(lines)).slice(0, MAX_PREFERENCES)
    const resourceId = personId(phoneNumber)
    const store = await this.#store()
    const workingMemory = distinct.map((text) => `- ${text}`).join('\n')
    await store.updateResource({ resourceId, workingMemory })
  }

  /** Retrieve: what a person prefers. */
  async preferencesOf(phoneNumber: string): Promise<readonly string[]> {
    const store = await this.#store()
    const resource = await store.getResourceById({ resourceId: personId(phoneNumber) })
    return (resource?.workingMemory ?? '')
      .split('\n')
      .flatMap((line) => (line.startsWith('- ') ? [line.slice(2)] : []))
  }

  /** Batch: what was said in calls. A call that is saved again replaces itself. */
  async saveCalls(calls: readonly RememberedCall[]): Promise<void> {
    for (const { callId, phoneNumber, purpose, at } of calls) {
      // Words that are saved again would be there twice for the search.
      if (await this.memory.getThreadById({ threadId: callId })) await this.#forgetThread(callId)
      await this.memory.saveThread({
        thread: {
          id: callId,
          resourceId: personId(phoneNumber),
          title: purpose.slice(0, 100),
          createdAt: at,
          updatedAt: at,
        },
      })
    }
    const messages = calls.flatMap(messagesOf)
    if (messages.length > 0) await this.memory.saveMessages({ messages })
  }

  /** Retrieve: what was said in the last calls with a person, oldest first. */
  async historyOf(phoneNumber: string, { limit }: { limit: number }): Promise<FoundWords[]> {
    const { messages } = await this.memory.listMessagesByResourceId({
      resourceId: personId(phoneNumber),
      perPage: limit,
      orderBy: { field: 'createdAt', direction: 'DESC' },
    })
    return messages.reverse().map((message) => ({
      callId: message.threadId ?? '',
      text: textOf(message.content.parts),
      at: new Date(message.createdAt),
    }))
  }

  /** Search: what was said with a person that is like these words; best first. */
  async search(phoneNumber: string, words: string): Promise<FoundWords[]> {
    const found: (FoundWords & { score: number })[] = []
    for (const indexName of await this.#vector.listIndexes()) {
      const results = await this.#vector.query({
        indexName,
        queryVector: hashedVector(words),
        topK: MAX_FOUND,
        filter: { resource_id: personId(phoneNumber) },
      })
      for (const { score, metadata } of results) {
        const { thread_id: callId, content: text, created_at: at } = VectorNote.parse(metadata)
        if (score >= MIN_SCORE) found.push({ callId, text, at, score })
      }
    }
    found.sort((a, b) => b.score - a.score)
    return found.map(({ callId, text, at }) => ({ callId, text, at }))
  }

  /** Clean up: forgets calls that are older, and people of whom no call is left. @returns how many calls there were */
  async cleanUp({ olderThan }: { olderThan: Date }): Promise<number> {
    const old: { id: string; resourceId: string }[] = []
    for await (const thread of this.#threads()) {
      if (new Date(thread.createdAt) < olderThan) old.push(thread)
    }
    for (const { id } of old) await this.#forgetThread(id)
    for (const resourceId of new Set(old.map((thread) => thread.resourceId))) {
      const { total } = await this.memory.listThreads({ filter: { resourceId }, perPage: 1 })
      if (total === 0) await this.#forgetPreferences(resourceId)
    }
    return old.length
  }

  /** Forgets a call. What the person prefers stays. */
  async eraseCall(callId: string): Promise<void> {
    await this.#forgetThread(callId)
  }

  /** Forgets a person. */
  async erase(phoneNumber: string): Promise<void> {
    const resourceId = personId(phoneNumber)
    const ids: string[] = []
    for await (const { id } of this.#threads(resourceId)) ids.push(id)
    for (const id of ids) await this.#forgetThread(id)
    await this.#forgetPreferences(resourceId)
  }

  async #forgetPreferences(resourceId: string): Promise<void> {
    const store = await this.#store()
    if (await store.getResourceById({ resourceId })) {
      await store.updateResource({ resourceId, workingMemory: '' })
    }
  }

  /**
   * With its vectors, which hold the words too: `Memory.deleteThread` removes them later, and tells nobody when it cannot;
   * `prune` never does.
   */
  async #forgetThread(threadId: string): Promise<void> {
    for (const indexName of await this.#vector.listIndexes()) {
      await this.#vector.deleteVectors({ indexName, filter: { thread_id: threadId } })
    }
    await this.memory.deleteThread(threadId)
    // What it still removes must not be what is saved next.
    await this.memory.settled()
  }

  async *#threads(resourceId?: string) {
    const filter = resourceId === undefined ? {} : { filter: { resourceId } }
    for (let page = 0; ; page++) {
      const { threads, hasMore } = await this.memory.listThreads({ ...filter, page, perPage: PAGE })
      yield* threads
      if (!hasMore) return
    }
  }

  async #store() {
    const store = await this.#storage.getStore('memory')
    if (!store) throw new Error('the database of Mastra keeps no memory')
    return store
  }
}

function messagesOf({ callId, phoneNumber, at, turns }: RememberedCall) {
  return turns.map(({ by, text }, i) => ({
    id: `${callId}.${i}`,
    role: by === 'person' ? ('user' as const) : ('assistant' as const),
    threadId: callId,
    resourceId: personId(phoneNumber),
    // One after the other, also when the clock of the call says they were at once.
    createdAt: new Date(at.getTime() + i),
    content: { format: 2 as const, parts: [{ type: 'text' as const, text }] },
  }))
}

function textOf(parts: readonly { readonly type: string; readonly text?: string }[]): string {
  return parts
    .flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : []))
    .join(' ')
}
