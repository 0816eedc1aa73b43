// Whether a filled value fits the table of the edge. The bundled programs have this module as it is compiled when they are
// built (.ci/bundle.mjs).
import { compile } from './compile.js'
import { edgeSettings } from './settings.js'

export const matches = compile(edgeSettings)
