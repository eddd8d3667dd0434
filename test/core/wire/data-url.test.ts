import { formatDataUrl, parseDataUrl } from 'tokligence'
import { describe, expect, it } from 'vitest'

describe('a data URL', () => {
  it('is read into media type and base64, and written back the same', () => {
    const url = 'data:image/png;base64,iVBORw0KGgo='
    expect(parseDataUrl(url)).toEqual({ mediaType: 'image/png', data: 'iVBORw0KGgo=' })
    expect(formatDataUrl('image/png', 'iVBORw0KGgo=')).toBe(url)
    expect(parseDataUrl('data:image/png;base64,')).toEqual({ mediaType: 'image/png', data: '' })
  })

  it('of megabytes is read without a search through all of it', () => {
    const data = 'A'.repeat(20_000_000)
    expect(parseDataUrl(`data:application/pdf;base64,${data}`)?.data).toBe(data)
  })

  it.each([
    'https://example.org/a.png',
    'data:;base64,AAAA',
    'data:image/png,AAAA',
    'data:text/plain;charset=utf-8;base64,AAAA',
    'data:image/png;base64',
    ' data:image/png;base64,AAAA',
    '',
  ])('is not %j', (url) => {
    expect(parseDataUrl(url)).toBeUndefined()
  })
})
