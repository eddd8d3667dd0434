import type { MediaBlock } from 'tokligence'
import { describe, expect, it } from 'vitest'
import { conversation, encodeRequest, said } from './subject.ts'

type Given = Omit<MediaBlock, 'type'>

function encoded(media: Given) {
  const { messages, losses } = encodeRequest(conversation([said('user', 'look', { type: 'media', ...media })]))
  const content = messages[0]?.content
  return { block: Array.isArray(content) ? content[1] : undefined, losses }
}

describe('media of another protocol', () => {
  it.each<[string, Given, object]>([
    [
      'an image',
      { kind: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AAAA' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
    ],
    [
      'an image with a common wrong name of its type',
      { kind: 'image', mediaType: 'image/jpg', source: { type: 'base64', data: 'AAAA' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' } },
    ],
    [
      'an image whose type shows in its bytes',
      { kind: 'image', source: { type: 'base64', data: '/9j/4AAQ' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: '/9j/4AAQ' } },
    ],
    [
      'an image at an address',
      { kind: 'image', source: { type: 'url', url: 'https://example.com/a' } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a' } },
    ],
    [
      'an image in a data URL',
      { kind: 'image', source: { type: 'url', url: 'data:image/gif;base64,R0lGOD' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'R0lGOD' } },
    ],
    [
      'a PDF with its name',
      { kind: 'file', filename: 'a.pdf', mediaType: 'application/pdf', source: { type: 'base64', data: 'JVBERi0=' } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' }, title: 'a.pdf' },
    ],
    [
      'a PDF that only its bytes tell',
      { kind: 'file', source: { type: 'base64', data: 'JVBERi0=' } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
    ],
    [
      'a PDF at an address',
      { kind: 'document', source: { type: 'url', url: 'http://example.com/a.pdf' } },
      { type: 'document', source: { type: 'url', url: 'http://example.com/a.pdf' } },
    ],
    [
      'a text file',
      { kind: 'file', filename: 'a.md', mediaType: 'text/markdown', source: { type: 'base64', data: 'IyBoaQ==' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '# hi' }, title: 'a.md' },
    ],
    [
      'a text document',
      { kind: 'document', source: { type: 'text', text: 'words' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
    ],
  ])('carries over %s', (_name, media, block) => {
    const result = encoded(media)
    expect(result.block).toEqual(block)
    expect(result.losses).toEqual([])
  })

  it.each<[string, Given, string]>([
    ['sound', { kind: 'audio', mediaType: 'audio/wav', source: { type: 'base64', data: 'UklGRg==' } }, 'audio-input'],
    ['a film', { kind: 'video', source: { type: 'url', url: 'https://example.com/a.mp4' } }, 'video-input'],
    ['a picture of a type that is not taken', { kind: 'image', mediaType: 'image/svg+xml', source: { type: 'base64', data: 'PHN2Zz4=' } }, 'media-type'],
    ['a file of no known type', { kind: 'file', filename: 'a.bin', source: { type: 'base64', data: 'AAAA' } }, 'media-type'],
    ['a file that lies with another provider', { kind: 'file', source: { type: 'file', fileId: 'file-1', issuer: 'openai-chat' } }, 'file-reference'],
    ['an address that is none of the web', { kind: 'image', source: { type: 'url', url: 'gs://bucket/a.png' } }, 'media-url'],
  ])('drops %s and says so', (_name, media, feature) => {
    const { block, losses } = encoded(media)
    expect(block).toBeUndefined()
    expect(losses).toMatchObject([{ path: 'messages[0].content[1]', feature, action: 'dropped', severity: 'semantic' }])
  })

  it('reports how closely an image was to be looked at', () => {
    expect(encoded({ kind: 'image', detail: 'low', source: { type: 'url', url: 'https://example.com/a' } }).losses).toMatchObject([
      { feature: 'image-detail', severity: 'hint' },
    ])
  })

  it('drops media in the assistant’s own turns, which the provider rejects', () => {
    const image = { type: 'media', kind: 'image', source: { type: 'url', url: 'https://example.com/a' } } as const
    const { messages, losses } = encodeRequest(conversation([said('user', 'a'), said('assistant', 'b', image), said('user', 'c')]))
    expect(messages[1]).toEqual({ role: 'assistant', content: 'b' })
    expect(losses).toMatchObject([{ feature: 'media-role', severity: 'semantic' }])
  })
})
