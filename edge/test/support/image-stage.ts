// The stage of plays with images: an origin that has one, an edge that makes others of it.
import sharp from 'sharp'
import type { Test } from 'tap'
import type { Reply } from './client.js'
import { photograph } from './images.js'
import { play } from './play.js'
import { optimiser } from './workshop.js'

export const original = await photograph(800, 600).jpeg({ quality: 90 }).toBuffer()

export interface Given {
  body?: Buffer
  type?: string
  headers?: Record<string, string>
  image?: Record<string, unknown>
  more?: Record<string, unknown>
  /** Before the origin answers. */
  held?: Promise<unknown>
}

export async function stage(t: Test, given: Given = {}) {
  const { joinOptimiser, workshop, troubles } = optimiser(t)
  const { body = original, type = 'image/jpeg', headers = {}, image = {}, more = {}, held } = given
  const stage = await play(
    t,
    async (_, response) => {
      await held
      response.writeHead(200, {
        'Content-Type': type,
        'Cache-Control': 'max-age=60',
        ETag: '"v"',
        ...headers,
      })
      response.end(body)
    },
    { store: 'lmdb', site: { optimise: { images: true, image } }, more, joinOptimiser },
  )
  const ask = (target: string, accept = '*/*', asked: Record<string, string> = {}) =>
    stage.ask(target, { headers: { Accept: accept, ...asked } })
  return { ...stage, ask, workshop, troubles }
}

export const formatOf = async (reply: Reply) => {
  const { format, compression, width, height, pages } = await sharp(reply.body).metadata()
  return { format: format === 'heif' ? compression : format, width, height, pages }
}

export const modern = 'image/avif,image/webp,image/*,*/*;q=0.8'
