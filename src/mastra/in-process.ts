/** As much of a Fastify app as it takes to ask it something without a network. */
export type Injectable = {
  inject(request: {
    method: 'GET' | 'POST'
    url: string
    headers: Record<string, string>
    payload?: string
  }): Promise<{ readonly statusCode: number; readonly body: string }>
}

/** A `fetch` that leads into the app of this process: same routes, same checks, no socket. */
export function fetchInProcess(app: Injectable): typeof fetch {
  return async (input, init) => {
    init?.signal?.throwIfAborted()
    const { pathname, search } = new URL(input instanceof Request ? input.url : input)
    const { statusCode, body } = await app.inject({
      method: init?.method === 'POST' ? 'POST' : 'GET',
      url: pathname + search,
      headers: Object.fromEntries(new Headers(init?.headers)),
      ...(typeof init?.body === 'string' && { payload: init.body }),
    })
    return new Response(body === '' ? null : body, { status: statusCode })
  }
}
