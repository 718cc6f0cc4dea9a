import { answerParent } from '../../../bench/worker.ts'

export type EchoQuestions = {
  readonly echo: { readonly given: string; readonly answer: string }
  readonly fail: { readonly given: string; readonly answer: undefined }
  readonly leave: { readonly given: undefined; readonly answer: undefined }
  readonly environment: { readonly given: undefined; readonly answer: string[] }
}

answerParent<EchoQuestions>(
  {
    echo: async (text) => {
      // Longer texts take longer, so that answers overtake each other.
      await new Promise((resolve) => setTimeout(resolve, text.length))
      return text
    },
    fail: (why) => {
      throw new Error(why)
    },
    leave: () => process.exit(3),
    environment: () => Object.keys(process.env),
  },
  async () => {
    await Promise.resolve()
    process.stdout.write('closed\n')
  },
)
