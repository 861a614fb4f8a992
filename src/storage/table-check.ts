/**
 * Checks LevelDB's table files against the checksums in them, before LevelDB reads them: it does not
 * look at those itself (classic-level offers no such option), and a flipped bit ends the process with
 * a failed assertion. The format is LevelDB's doc/table_format.md: blocks, an index of them, a footer
 * of 48 bytes. Each block is followed by its type and a masked CRC-32C of both.
 */

const FOOTER_BYTES = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
/** Block type (1 byte) and checksum (4) behind each block. */
const TYPE_BYTES = 1;
const CHECKSUM_BYTES = 4;
const CHECKSUM_MASK = 0xa282ead8;
/** CRC-32C (Castagnoli), bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/** A place in a file that cannot be as LevelDB wrote it. */
class TableDamage extends Error {}

/** Says what is wrong with a table file, or null when all of it has the right checksums. */
export function findTableDamage(table: Buffer): string | null {
  try {
    const footer = table.length - FOOTER_BYTES;
    if (footer < 0 || !table.subarray(-MAGIC.length).equals(MAGIC)) {
      throw new TableDamage('it does not end like a table');
    }
    const handles = new Reader(table.subarray(footer));
    const metaIndex = checkedBlock(table, handles.handle());
    const index = checkedBlock(table, handles.handle());
    for (const handle of [...handlesIn(metaIndex), ...handlesIn(index)])
      checkedBlock(table, handle);
    return null;
  } catch (error) {
    if (error instanceof TableDamage) return error.message;
    throw error;
  }
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

function checkedBlock(table: Buffer, { offset, size }: Handle): Buffer {
  const checksumAt = offset + size + TYPE_BYTES;
  if (checksumAt + CHECKSUM_BYTES > table.length) throw new TableDamage('a block is out of bounds');
  const crc = crc32c(table, offset, checksumAt);
  const masked = (((crc >>> 15) | (crc << 17)) + CHECKSUM_MASK) >>> 0;
  if (table.readUInt32LE(checksumAt) !== masked) {
    throw new TableDamage(`the block at ${offset} has a wrong checksum`);
  }
  return table.subarray(offset, offset + size);
}

/** The handles that an index holds as values of its entries; the array of restarts at its end goes. */
function handlesIn(index: Buffer): Handle[] {
  const restarts = index.length < 4 ? 0 : index.readUInt32LE(index.length - 4);
  const reader = new Reader(index.subarray(0, Math.max(index.length - 4 * (restarts + 1), 0)));
  const handles: Handle[] = [];
  while (!reader.atEnd) {
    reader.number();
    const keyBytes = reader.number();
    reader.number();
    reader.skip(keyBytes);
    handles.push(reader.handle());
  }
  return handles;
}

class Reader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  skip(length: number): void {
    this.#position += length;
  }

  handle(): Handle {
    return { offset: this.number(), size: this.number() };
  }

  /** A number of seven bits a byte, the lowest first; the top bit says that more follow. */
  number(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.#bytes[this.#position++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new TableDamage('a number is out of bounds');
  }
}

function crc32c(bytes: Buffer, from: number, to: number): number {
  let crc = 0xffffffff;
  for (let at = from; at < to; at++) {
    crc = (CRC_TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
