import { styleText } from 'node:util'
import { ask } from './api-client.ts'
import { CallJson } from './call-record.ts'
import { apiOf, printJson, readCommand, UsageError } from './command-options.ts'
import { waterfall } from './waterfall.ts'

const HELP = `Shows one call: what was said, what came out, and what the caller waited for.

parley show CALL_ID
--json                 the whole record, as the API gives it
--url URL  --key KEY   the server (PARLEY_URL, PARLEY_API_KEY)`

export async function showCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readCommand(args, {})
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const [callId] = positionals
  if (callId === undefined) throw new UsageError(`Which call?\n\n${HELP}`)
  const answer = await ask(apiOf(values), `/api/phone/calls/${encodeURIComponent(callId)}`)
  if (values.json) {
    printJson(answer)
    return 0
  }
  console.log(describe(CallJson.parse(answer)).join('\n'))
  return 0
}

function describe(call: CallJson): string[] {
  const { status, end_reason: reason, failure, answered_by: who } = call
  const facts = [
    status,
    reason?.replaceAll('_', ' '),
    who === null ? undefined : `answered by ${who.replace('_', ' ')}`,
    call.transferred_to === null ? undefined : `transferred to ${call.transferred_to}`,
    call.opted_out ? 'does not want to be called again' : undefined,
  ].filter((fact) => fact !== undefined && fact !== '')
  return [
    styleText('bold', call.call_id),
    facts.join(', '),
    ...(failure ? [styleText('red', `${failure.by}: ${failure.code}: ${failure.message}`)] : []),
    '',
    ...call.transcript.map(turnLine),
    '',
    ...call.timings.map(waterfall).filter((line) => line !== undefined),
  ]
}

function turnLine(turn: CallJson['transcript'][number]): string {
  const at = styleText('dim', clockOf(turn.start_ms))
  if (turn.role === 'tool') {
    return `${at}  ${styleText('magenta', `${String(turn['name'])} → ${String(turn['result'])}`)}`
  }
  const cut = turn.interrupted === true ? styleText('yellow', ' — (cut off)') : ''
  const name = styleText(turn.role === 'agent' ? 'cyan' : 'green', turn.role.padEnd(6))
  return `${at}  ${name}  ${turn.text ?? ''}${cut}`
}

function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`.padStart(5)
}
