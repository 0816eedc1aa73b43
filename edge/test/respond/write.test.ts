import t from 'tap'
import { responderContract } from './responder-contract.js'
import { startUws } from './uws-engine.js'

responderContract(t, startUws)
