import type { Provider } from '../errors.ts'

/** Which vendor hears, and which one speaks. */
export type VendorChoice = { readonly hearing: Provider; readonly voice: Provider }
