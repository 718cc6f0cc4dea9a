export const ENGINE_BENCH_ACTION = 'Answer the questions of the engine bench'

export type EngineVendorQuestions = {
  address: { given: undefined; answer: { readonly url: string; readonly apiKey: string } }
  violations: { given: undefined; answer: readonly string[] }
}
