// Whether the addon is there, for the line that the edge prints at its start and for `/status`.
import { loaded } from './addon.js'

export type NativeStatus =
  | { isPresent: true; file: string; interfaceVersion: number; compiler: string; isSanitised: boolean }
  | { isPresent: false; why: string }

export function nativeStatus(): NativeStatus {
  if (loaded.addon === undefined) return { isPresent: false, why: loaded.why }
  const { interfaceVersion, compiler, isSanitised } = loaded.addon
  return { isPresent: true, file: loaded.file, interfaceVersion, compiler, isSanitised }
}
