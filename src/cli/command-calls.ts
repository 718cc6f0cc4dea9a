import { styleText } from 'node:util'
import { z } from 'zod'
import { ask } from './api-client.ts'
import { apiOf, printJson, readCommand } from './command-options.ts'

const HELP = `Lists calls, newest first.

parley calls
--status STATUS        such as completed, failed, in_progress
--number NUMBER        calls with this number (E.164)
--limit N              how many (default 20, at most 100)
--json                 one call a line
--url URL  --key KEY   the server (PARLEY_URL, PARLEY_API_KEY)`

const CallList = z.looseObject({
  calls: z.array(
    z.looseObject({
      call_id: z.string(),
      direction: z.string(),
      status: z.string(),
      phone_number: z.string(),
      created_at: z.string(),
      duration_s: z.number().nullable(),
      end_reason: z.string().nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
})

export async function callsCommand(args: readonly string[]): Promise<number> {
  const { values } = readCommand(args, {
    status: { type: 'string' },
    number: { type: 'string' },
    limit: { type: 'string', default: '20' },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const query = new URLSearchParams({ limit: values.limit })
  if (values.status !== undefined) query.set('status', values.status)
  if (values.number !== undefined) query.set('phone_number', values.number)
  const list = CallList.parse(await ask(apiOf(values), `/api/phone/calls?${query.toString()}`))
  if (values.json) {
    for (const call of list.calls) printJson(call)
    return 0
  }
  for (const call of list.calls) {
    const seconds = call.duration_s === null ? '' : `${Math.round(call.duration_s)} s`
    const arrow = call.direction === 'outbound' ? '→' : '←'
    console.log(
      [
        styleText('dim', call.created_at.slice(0, 19).replace('T', ' ')),
        call.call_id,
        `${arrow} ${call.phone_number}`.padEnd(18),
        call.status.padEnd(11),
        seconds.padStart(6),
        call.end_reason?.replaceAll('_', ' ') ?? '',
      ].join('  '),
    )
  }
  if (list.calls.length === 0) console.log('No calls.')
  if (list.next_cursor !== null) console.log(styleText('dim', 'There are more: raise --limit.'))
  return 0
}
