/** A run of one byte, stored in four bytes whatever its length. */
interface Run {
  readonly byte: number
  readonly times: number
}

/** A zstd frame (RFC 8878) of raw and run-length blocks, without checksum; `windowByte` is its window descriptor, 2 MiB when absent. */
export function zstdFrame(blocks: readonly (Buffer | Run)[], { windowByte = 11 << 3 } = {}): Buffer {
  const pieces: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, windowByte])]
  for (const [index, block] of blocks.entries()) {
    const size = Buffer.isBuffer(block) ? block.length : block.times
    const header = (size << 3) | (Buffer.isBuffer(block) ? 0 : 2) | (index === blocks.length - 1 ? 1 : 0)
    pieces.push(Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16]), Buffer.isBuffer(block) ? block : Buffer.from([block.byte]))
  }
  return Buffer.concat(pieces)
}

const plain = Array.from({ length: 300 }, (_, line) => `{"line":${line % 37},"text":"the same words, again and again – ✓"}\n`).join('')

/** Written by `zstd -19 <file>` and by `zstd -3 < <stream>`: entropy-coded blocks, checksums, with and without content size. */
export const zstdRecorded = {
  plain: Buffer.from(plain),
  frames: [
    'KLUv/WQoRoUEALKFFRzA6///zu/ermWytbJtIs6/1ZZSSplSYpaEkMMCbL03K3+usfXerPq5xtZ7Mz/X2HpvBp6NpEkjaBokVGlAAmqwDErCaETgorGYK+xs4txACRulcawTJ6gx4OxZvwPAk0KWMRHMMIT//2/oewdeXhkVEZH0wESSI/mASYYkL8AuLgAADCB6C59YugKtCsx669o=',
    'KLUv/QRYfQYAAoYWIKA3Hf//P3hWgf+uI9uP7XfECkD/G5qIiJCUSK/0Q6sVDbMoCXL//3/btm27bdu2DbMoCXIXsDipMZnEmB6FpiAUoB3RczAgLAsYWQ7WObcSue4IOJcKIpwiMSBwk4LiOf5bGTyAdJAYSALSQWIgCaTDkxg/SqY4SRHpUmKRJKWLxFKSSJcSiyQpXSSWkkS6lFgkSemyxFImSULm0mUMEouYSZIwSBcwk1i+IEm8TLp0QQpxKR0khpJAOpAYSALpQGKQBE/eHwlaM10GzHrr2g==',
  ].map((base64) => Buffer.from(base64, 'base64')),
}
