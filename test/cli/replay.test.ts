import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadScenario } from '../../src/cli/scenario-file.ts'
import { runNode } from '../helpers/node-process.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

const REPLAY = fileURLToPath(new URL('../../src/cli/replay.ts', import.meta.url))
const FLIGHTS = fileURLToPath(new URL('../fixtures/flights', import.meta.url))
const DENTIST = join(FLIGHTS, 'dentist.jsonl')

const replay = (...args: string[]) => runNode([REPLAY, ...args])

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'parley-replay-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

describe('npm run replay', () => {
  it('finds that recorded calls still go as they went', async () => {
    const { code, stdout, stderr } = await replay(FLIGHTS)
    expect(stderr).toBe('')
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/broken-redacted\.jsonl: 15 steps, identical$/),
      expect.stringMatching(/dentist-redacted\.jsonl: 19 steps, identical$/),
      expect.stringMatching(/dentist\.jsonl: 19 steps, identical$/),
    ])
    expect(code).toBe(0)
  })

  it('prints a line of JSON for each record for other programs', async () => {
    const { code, stdout } = await replay(DENTIST, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ path: DENTIST, kind: 'identical', steps: 19 })
    expect(code).toBe(0)
  })

  it('shows the first difference, and goes on with the other records', async () => {
    const dir = await folder()
    await cp(FLIGHTS, dir, { recursive: true })
    const text = await readFile(DENTIST, 'utf8')
    await writeFile(
      join(dir, 'a.jsonl'),
      text.replace('"kind":"answer","held":false', '"kind":"reprompt","held":false'),
    )
    await writeFile(join(dir, 'b.jsonl'), 'no record\n')
    await writeFile(join(dir, 'c.jsonl'), text.slice(0, -30))
    const { code, stdout, stderr } = await replay(dir)
    expect(code).toBe(1)
    expect(stdout).toContain(`a.jsonl: step 10 differs
  line 15, at 8.900 s, in phase listening: {"type":"caller_turn_ended","text":"Yes. Which suite is it?"`)
    expect(stdout).toContain(`
  - as recorded, + now:
`)
    expect(stdout).toContain('    - start_reply {"reply":2,"kind":"reprompt","held":false}\n')
    expect(stdout).toContain('    + start_reply {"reply":2,"kind":"answer","held":false}\n')
    expect(stderr).toMatch(/b\.jsonl, line 1: expected JSON, found "no record"/)
    expect(stdout).toMatch(/c\.jsonl: 19 steps, identical\n {2}\(its last line is cut off/)
    expect(stdout).toMatch(/dentist\.jsonl: 19 steps, identical/)
  })

  it('prints what happened in a call', async () => {
    const { code, stdout } = await replay(DENTIST, '--timeline')
    expect(code).toBe(0)
    expect(stdout).toContain('call_01example: outbound, en, 2030-05-01T12:00:00.000Z, Parley ')
    expect(stdout).toMatch(/^ {4}0\.010 {2}started → waiting: start_reply reply=1 kind="opening"/m)
    expect(stdout).toMatch(
      /^ {3}11\.300 {2}caller_words aside=true .*→ paused: pause_reply reply=2/m,
    )
    expect(stdout).toMatch(/^ +\d+\.\d{3} {2}· turn turn=\{"role":"caller","text":"Hello\?"/m)
  })

  it('writes a call as a scenario', async () => {
    const out = join(await folder(), 'late-question.ts')
    const { code, stdout, stderr } = await replay(
      DENTIST,
      '--scenario',
      'late-question',
      '--out',
      out,
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('What the agent would have said after a cut is made up.')
    const scenario = await loadScenario(out)
    expect(scenario).toMatchObject({ name: 'late-question', call: { callee_name: 'John' } })
    expect(scenario.person.does).toContainEqual({ say: 'Yes. Which suite is it?' })
  })

  it('says which words of a redacted call are placeholders', async () => {
    const path = join(FLIGHTS, 'dentist-redacted.jsonl')
    const { code, stdout, stderr } = await replay(path, '--scenario', 'masked')
    expect(code).toBe(0)
    expect(stderr).toContain('The record is redacted: all words are placeholders')
    expect(stdout).toContain('export const maskedCall: Scenario = {')
    expect(stdout).toContain("import type { Scenario } from '../scenario.ts'")
  })

  it.each([
    [[], 2, 'There is no flight record to replay.'],
    [['nowhere.jsonl'], 2, 'nowhere.jsonl'],
    [['--nonsense'], 2, "Unknown option '--nonsense'"],
    [[DENTIST, '--scenario', 'Not Kebab'], 2, 'name is kebab-case'],
    [[FLIGHTS, '--scenario', 'x'], 2, '--scenario takes one flight record, not 3'],
  ])('says what is wrong with %j', async (args, code, message) => {
    const result = await replay(...args)
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(message)
  })

  it('helps', async () => {
    const { code, stdout } = await replay('--help')
    expect(code).toBe(0)
    expect(stdout).toContain('--timeline')
  })
})
