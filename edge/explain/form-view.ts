// In which form a client would get what is stored, and whether that form is there.
import { EntryFlag, type ResponseEntry } from '../cache/entry.js'
import type { Store } from '../cache/store.js'
import { wantedWork } from '../choose-form.js'
import { type Exchange, Mark } from '../exchange.js'
import { formKey, isOf } from '../optimise/derive.js'
import { formOfWork } from '../optimise/job.js'
import type { FormView } from './explanation.js'

/** `entry`: a copy, which outlives a look into the store. */
export function describeForm(entry: ResponseEntry, x: Exchange, store: Store): FormView | null {
  const work = (x.marks & Mark.range) === 0 && entry.slices === undefined ? wantedWork(x, entry) : undefined
  if (work === undefined) return null
  const { name } = formOfWork(work)
  const found = store.get(formKey(x.storedKey, name), x.nowMs)
  if (found?.kind !== 'response' || !isOf(found, entry))
    return { name, state: 'absent', status: null, bodyBytes: null }
  const { status, bodyBytes, flags } = found
  if ((flags & EntryFlag.useless) !== 0) return { name, state: 'useless', status: null, bodyBytes: null }
  return { name, state: status === entry.status ? 'stored' : 'refused', status, bodyBytes }
}

/** One sentence. */
export function formWords({ name, state, status, bodyBytes }: FormView): string {
  switch (state) {
    case 'stored':
      return `This client gets it as ${name}, of ${bodyBytes} bytes.`
    case 'absent':
      return `This client is to get it as ${name}, which is not made yet.`
    case 'useless':
      return `As ${name} it would not be shorter: it is served as it came.`
    case 'refused':
      return `As ${name} it cannot be had: the answer is ${status}.`
  }
}
