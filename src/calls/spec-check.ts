import { CallError } from '../errors.ts'
import { inputSchemaProblem, schemaProblem } from '../pipeline/tool-schema.ts'
import { BUILT_IN_TOOL_NAMES } from '../pipeline/tools.ts'
import type { CallSpec } from './spec.ts'
import type { HttpTool } from './spec-parts.ts'

/** One thing that is wrong with a spec; `field` as on the wire. */
export type SpecProblem = {
  readonly field: string
  readonly expected: string
  readonly received?: string
}

/**
 * Checks what the form of a spec cannot say: what is wrong here would otherwise come out in the middle of the call.
 *
 * @param toolSecretNames names of the secrets that the server has for tools
 * @param options.signsWebhooks whether the server has a secret to sign webhooks with
 * @param options.hasCloud whether there is an agent of Atoms to carry calls
 * @throws {CallError} `invalid_request`; its details list every problem
 */
export function checkSpec(
  spec: CallSpec,
  toolSecretNames: readonly string[],
  {
    signsWebhooks = true,
    hasCloud = true,
  }: { readonly signsWebhooks?: boolean; readonly hasCloud?: boolean } = {},
): void {
  const ofTools = (spec.tools ?? []).flatMap((tool, i) =>
    problemsOf(tool, toolSecretNames).map((problem) => ({
      ...problem,
      field: `tools.${i}.${problem.field}`,
    })),
  )
  const outcome = spec.outcomeSchema && schemaProblem(spec.outcomeSchema)
  const problems = [
    ...ofTools,
    ...(outcome === undefined ? [] : [schemaAt('outcome_schema', outcome)]),
    ...(spec.webhookUrl !== undefined && !signsWebhooks ? [UNSIGNED] : []),
    ...(spec.backend === 'atoms' ? problemsInCloud(spec, hasCloud) : []),
  ]
  const [first, ...others] = problems
  if (!first) return
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  throw new CallError(`${first.field}: expected ${first.expected}${got(first)}${more}`, {
    code: 'invalid_request',
    details: problems,
  })
}

/** A receiver that cannot tell our messages from anybody else's must not act on them. */
const UNSIGNED: SpecProblem = {
  field: 'webhook_url',
  expected: 'a server that has a WEBHOOK_SECRET to sign webhooks with',
}

const NO_CLOUD: SpecProblem = {
  field: 'backend',
  expected: 'a server that has SMALLEST_API_KEY and ATOMS_AGENT_ID',
}

/** What the agent in the cloud does not do: it must not be promised, least of all what is said for the law's sake. */
const NOT_IN_CLOUD: readonly (readonly [keyof CallSpec, string])[] = [
  ['voiceId', 'voice_id'],
  ['opening', 'opening'],
  ['firstSpeaker', 'first_speaker'],
  ['disclosure', 'disclosure'],
  ['uninterruptible', 'uninterruptible'],
  ['voicemail', 'voicemail'],
  ['transferTo', 'transfer_to'],
  ['tools', 'tools'],
  ['record', 'record'],
  ['pronunciation', 'pronunciation'],
]

function problemsInCloud(spec: CallSpec, hasCloud: boolean): SpecProblem[] {
  const unfit = NOT_IN_CLOUD.filter(([name]) => spec[name] !== undefined).map(([, field]) => ({
    field,
    expected: 'nothing: with backend atoms it is a setting of the agent there',
  }))
  return hasCloud ? unfit : [NO_CLOUD, ...unfit]
}

function problemsOf(tool: HttpTool, toolSecretNames: readonly string[]): SpecProblem[] {
  const problems: SpecProblem[] = []
  if (BUILT_IN_TOOL_NAMES.includes(tool.name)) {
    problems.push({
      field: 'name',
      expected: 'a name that no tool of every call has',
      received: tool.name,
    })
  }
  const input = inputSchemaProblem(tool.inputSchema)
  if (input !== undefined) problems.push(schemaAt('input_schema', input))
  const result = tool.resultSchema && schemaProblem(tool.resultSchema)
  if (result !== undefined) problems.push(schemaAt('result_schema', result))
  for (const [header, secret] of Object.entries(tool.secretHeaders)) {
    if (toolSecretNames.includes(secret)) continue
    problems.push({
      field: `secret_headers.${header}`,
      expected: 'the name of a secret that the server has in TOOL_SECRETS',
      received: secret,
    })
  }
  return problems
}

function schemaAt(field: string, problem: string): SpecProblem {
  return { field, expected: `a JSON schema that can be used: this one ${problem}` }
}

function got({ received }: SpecProblem): string {
  return received === undefined ? '' : `; got ${JSON.stringify(received)}`
}
