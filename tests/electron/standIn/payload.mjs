/** Values as text between the page and the main process: JSON with typed arrays as base64. */

export function pack(/** @type {unknown} */ value) {
  return JSON.stringify(value, (_key, inner) =>
    ArrayBuffer.isView(inner)
      ? {
          $typed: inner.constructor.name === 'Buffer' ? 'Uint8Array' : inner.constructor.name,
          base64: Buffer.from(inner.buffer, inner.byteOffset, inner.byteLength).toString('base64'),
        }
      : typeof inner === 'number' && !Number.isFinite(inner)
        ? { $number: String(inner) }
        : inner,
  );
}

/** @returns {any} */
export function unpack(/** @type {string} */ text) {
  return JSON.parse(text, (_key, inner) => {
    if (inner?.$typed) {
      const bytes = Uint8Array.from(Buffer.from(inner.base64, 'base64'));
      return new /** @type {any} */ (globalThis)[inner.$typed](bytes.buffer);
    }
    return inner?.$number ? Number(inner.$number) : inner;
  });
}
