import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadScenario } from '../../src/cli/scenario-file.ts'
import { scenarioSource } from '../../src/cli/scenario-source.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { scenarios } from '../../src/simulator/scenarios/all.ts'

async function written(sources: Readonly<Record<string, string>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-scenario-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  for (const [name, source] of Object.entries(sources)) await writeFile(join(dir, name), source)
  return dir
}

describe('a scenario as source', () => {
  it('is read as the same scenario again, whatever it holds', async () => {
    const odd: Scenario = {
      name: 'odd',
      about: 'quotes \'single\' and "double", */ \\ ${dollar}\nand a second line \u2028',
      direction: 'outbound',
      call: {
        phone_number: '+12345678900',
        action: 'it’s "odd"',
        metadata: { 'a key': 'b', c: '' },
      },
      person: { answer: 'yes', does: [{ say: "it's 'so' \"odd\" \t\u0000" }, { hangUp: true }] },
      claude: [{ when: /^a\/b\n\[c\]$/m, say: '\\d' }],
      toolServer: { '/x': [{ body: { a: [null, 1.5, true, []] } }, {}] },
    }
    const made = [odd, ...scenarios]
    const sources = made.map(
      (scenario) => [`${scenario.name}.ts`, scenarioSource(scenario, [])] as const,
    )
    const dir = await written(Object.fromEntries(sources))
    for (const scenario of made) {
      expect(await loadScenario(join(dir, `${scenario.name}.ts`))).toEqual(scenario)
    }
  })

  it('imports what it needs from where it is', () => {
    const [scenario] = scenarios
    const elsewhere = scenarioSource(scenario!, [], 'test/scenarios/made.ts')
    expect(elsewhere).toContain("from '../../src/simulator/scenario.ts'")
    const beside = scenarioSource(scenario!, ['A remark.'], 'src/simulator/made.ts')
    expect(beside).toContain("from './scenario.ts'")
    expect(beside).toContain(' * A remark.\n')
  })
})

describe('a file that is to hold a scenario', () => {
  it.each([
    ['export const a = 1\n', 'exports no scenario'],
    [
      'const s = (n) => ({ name: n, about: "", direction: "inbound", call: { phone_number: "", action: "" }, person: { answer: "yes", does: [] }, claude: [] })\nexport const a = s("a")\nexport const b = s("b")\n',
      'more than one scenario',
    ],
  ])('must export one', async (source, message) => {
    const dir = await written({ 'it.mjs': source })
    await expect(loadScenario(join(dir, 'it.mjs'))).rejects.toThrow(message)
  })
})
