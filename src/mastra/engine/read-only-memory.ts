import { LibSQLStore } from '@mastra/libsql'
import { Memory } from '@mastra/memory'
import { makeDatabaseFolder } from '../database-folder.ts'

/**
 * What is known of people, for the agent of calls: working memory of a person, as a block of its instructions. Nothing of the
 * call is loaded from it or kept in it: that memory holds what was generated, and a call remembers what was heard.
 */
export async function openReadOnlyMemory(url: string): Promise<Memory> {
  await makeDatabaseFolder(url)
  const storage = new LibSQLStore({ id: 'people', url })
  await storage.init()
  return new ReadOnlyMemory({
    storage,
    options: { workingMemory: { enabled: true, scope: 'resource' } },
  })
}

/** What is read only still makes a thread for each call, even of people who want to be forgotten. */
class ReadOnlyMemory extends Memory {
  override saveThread({ thread }: Parameters<Memory['saveThread']>[0]) {
    return Promise.resolve(thread)
  }
}
