import t from 'tap'
import { startUws } from './engines.js'
import { responderContract } from './responder-contract.js'

responderContract(t, startUws)
