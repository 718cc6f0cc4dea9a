import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Keyring, MissingKeyError, newKey, seal, unseal, wrappedWith } from '../src/keyring.ts'

it('what is sealed opens with its key, at its place, unchanged, and in no other way', () => {
  const key = newKey()
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.nat(), (message, place, at) => {
      const sealed = seal(key, message, place)
      expect(unseal(key, sealed, place).equals(message)).toBe(true)
      expect(seal(key, message, place).equals(sealed)).toBe(false)
      expect(() => unseal(newKey(), sealed, place)).toThrow()
      expect(() => unseal(key, sealed, `${place}.`)).toThrow()
      const changed = Buffer.from(sealed)
      changed.writeUInt8((changed.readUInt8(at % changed.length) + 1) % 256, at % changed.length)
      expect(() => unseal(key, changed, place)).toThrow()
      expect(() => unseal(key, sealed.subarray(1), place)).toThrow()
    }),
  )
})

it('a ring opens what any of its keys has wrapped, and wraps with the first', () => {
  const [older, newer, key] = [newKey(), newKey(), newKey()]
  const before = new Keyring([older]).wrap(key, 'call')
  const ring = new Keyring([newer, older])
  expect(ring.unwrap(before, 'call').equals(key)).toBe(true)
  expect(wrappedWith(ring.wrap(key, 'call'))).toBe(ring.currentId)
  expect(wrappedWith(before)).not.toBe(ring.currentId)
  expect(() => new Keyring([newer]).unwrap(before, 'call')).toThrow(MissingKeyError)
  expect(() => ring.unwrap(before, 'another call')).toThrow(/authenticate/)
  expect(() => new Keyring([])).toThrow()
})
