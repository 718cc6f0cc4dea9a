import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { mulawToPcm } from '../audio/mulaw.ts'
import { wavFile } from '../audio/wav.ts'
import type { DemoResult } from './demo-call.ts'
import { waterfall } from './waterfall.ts'

/** Writes the call's record and its sound (caller left, agent right) into a folder, which is made if need be. */
export async function saveCall(folder: string, { record, call }: DemoResult): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'call.json'), `${JSON.stringify(record, undefined, 2)}\n`)
  const { caller, agent } = call.recording()
  const channels = [mulawToPcm(caller), mulawToPcm(agent)]
  await writeFile(join(folder, 'call.wav'), wavFile({ sampleRateHz: 8000, channels }))
}

/** The end of a demo's output: latencies, verdict, where the files are. */
export function reportOf({ record, problems }: DemoResult, folder: string): string {
  const { failure } = record
  const bars = record.timings.flatMap((times) => waterfall(times) ?? [])
  return [
    ...(bars.length === 0 ? [] : ['', styleText('bold', 'What the caller waited for'), ...bars]),
    '',
    styleText('bold', 'Record'),
    `${record.status}${record.end_reason ? `, ${record.end_reason}` : ''}` +
      (failure ? `: ${failure.by} failed (${failure.code}: ${failure.message})` : ''),
    ...verdict(problems),
    `Record and sound (caller left, agent right) are in ${folder}`,
  ].join('\n')
}

function verdict(problems: readonly string[]): string[] {
  if (problems.length === 0) {
    return [
      styleText(
        'green',
        'Every word on record is the word that was heard; no vendor saw a violation.',
      ),
    ]
  }
  return [
    styleText('red', `${problems.length} problem(s):`),
    ...problems.map((problem) => styleText('red', `- ${problem}`)),
  ]
}
