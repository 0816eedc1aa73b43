// Takes what the query of a request asks for of an image out of its target, on sites that make images.
import { type Exchange, Mark } from '../exchange.js'
import { combinedValue } from '../http/fields.js'
import { imageForm } from '../optimise/derive.js'
import { readImageRequest } from '../optimise/image-request.js'
import type { Refusal } from '../respond/refuse.js'

/** What is wrong with it; undefined when it may go on. After the path is normalised and the site is known. */
export function judgeImage(x: Exchange): Refusal | undefined {
  const { forms } = x.site!.rules
  if (forms === undefined || !x.site!.config.optimise.images) return undefined
  if (x.method !== 'GET' && x.method !== 'HEAD') return undefined
  const [path = ''] = x.target.split('?', 1)
  if (!forms.isImagePath(path)) return undefined
  const field = (name: string) => combinedValue(x.fields, name)
  const fields = {
    accept: field('accept'),
    saveData: field('save-data'),
    width: field('sec-ch-width'),
    dpr: field('sec-ch-dpr'),
  }
  const limits = { config: x.site!.config.optimise.image, secret: forms.imageSecret }
  const asked = readImageRequest(x.target, fields, limits, x.nowMs)
  if (asked === undefined) return undefined
  if ('code' in asked) return { ...asked, close: false }
  x.image = asked.work
  x.form = imageForm(asked.work).name
  x.target = asked.target
  // A part of the original is no part of what is made of it.
  x.marks &= ~Mark.range
  return undefined
}
