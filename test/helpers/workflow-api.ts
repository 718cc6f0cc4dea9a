import { expect } from './together.ts'

export type RunJson = {
  readonly run_id: string
  readonly status: string
  readonly steps: Record<string, { status: string; output: unknown }>
  readonly suspended?: string[][]
  readonly suspend_payload?: Record<string, unknown>
  readonly result?: Record<string, unknown> & { calls: string[] }
  readonly error?: string
}

/** The HTTP API of workflows, as a user has it. */
export function workflowApi(url: string, id = 'call-and-follow-up') {
  const runs = `${url}/api/phone/workflows/${id}/runs`
  const ask = async (path: string, body?: unknown) => {
    const response = await fetch(runs + path, {
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    return { status: response.status, json: (await response.json()) as RunJson & { error: never } }
  }
  const get = async (runId: string) => (await ask(`/${runId}`)).json
  return {
    eventsUrl: (runId: string) => `${runs}/${runId}/events`,
    ask,
    get,
    start: async (input: unknown) => {
      const { status, json } = await ask('', input)
      expect([status, json]).toMatchObject([202, { status: 'running' }])
      return json.run_id
    },
    resume: (runId: string, body: unknown) => ask(`/${runId}/resume`, body),
    cancel: (runId: string) => ask(`/${runId}/cancel`, {}),
    /** The run, once it stands so. */
    until: async (runId: string, expected: object) => {
      await expect.poll(() => get(runId), { timeout: 25_000, interval: 20 }).toMatchObject(expected)
      return get(runId)
    },
  }
}
